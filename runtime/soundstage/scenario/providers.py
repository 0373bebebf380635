"""The services that realtime agents call, and their secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from soundstage.config import Place
from soundstage.config.values import expand, variables_in
from soundstage.scenario.tables import OpenAiTable, ProviderTable
from soundstage.secrets import Secret, has_user_info

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soundstage.config import Diagnostics, Document
    from soundstage.webrtc import ModelPlace, TransportKind

LOCAL = "local"
"""The provider that needs no key: the endpoint that the run starts itself."""

OPENAI = "openai"
_OPENAI_URL = "https://api.openai.com/v1"
_OPENAI_KEY = "${OPENAI_API_KEY}"


@dataclass(frozen=True)
class Provider:
    """A Realtime service that agents call, its secrets in place; `repr` shows none of them.

    Attributes:
        name: as agents name it.
        base_url: the address, version included, without a slash at its end.
        api_key: the key; None for a service that asks for none.
        auth: `key` or `ephemeral`.
        headers: sent with every request.
        query: added to every address.
        transport: what calls are made over.
        model_in: where a WebSocket names the model.
        written: the table as it is written, for reports.
    """

    name: str
    base_url: str
    api_key: Secret | None
    auth: str
    headers: Mapping[str, Secret]
    query: Mapping[str, Secret]
    transport: TransportKind
    model_in: ModelPlace
    written: ProviderTable = field(repr=False)


BUILT_IN_PROVIDERS = (LOCAL, OPENAI)
"""Providers that need no table."""


def built_in(name: str, changed: OpenAiTable | None = None) -> ProviderTable | None:
    """The table of a provider that needs none in the file; None for the local endpoint.

    Args:
        name: its name.
        changed: what the file says of `openai`.
    """
    if name == OPENAI:
        transport = "webrtc" if changed is None else changed.transport
        return ProviderTable(base_url=_OPENAI_URL, api_key=Secret(_OPENAI_KEY), transport=transport)
    return None


@dataclass(frozen=True)
class Expansion:
    """Replaces `${NAME}` in providers that are used.

    Attributes:
        document: says where a provider is written.
        environment: the variables.
        diagnostics: collects what is wrong.
    """

    document: Document
    environment: Mapping[str, str]
    diagnostics: Diagnostics

    def provider(self, name: str, table: ProviderTable, users: Sequence[str]) -> Provider | None:
        """A provider with its secrets in place, or None if a variable is not set.

        Args:
            name: its name.
            table: as it is written.
            users: the agents that call it.
        """
        texts = [table.base_url, *map(_told, (table.api_key, *_values(table)))]
        wanted = dict.fromkeys(variable for text in texts for variable in variables_in(text))
        unset = [variable for variable in wanted if not self.environment.get(variable, "").strip()]
        for variable in unset:
            self.diagnostics.unset.append(self._unset(name, variable, users))
        if unset:
            return None
        base_url = self._expanded(table.base_url).rstrip("/")
        # Services that offer a WebSocket only give its address; what else they offer is beside it.
        if table.transport == "websocket":
            base_url = re.sub("^ws(?=s?://)", "http", base_url)
        if not base_url.startswith(("http://", "https://")):
            place = self.document.place_of(("providers", name, "base_url"))
            also = ", or wss:// or ws://" if table.transport == "websocket" else ""
            self.diagnostics.add(place, f"must begin with https:// or http://{also}")
            return None
        if has_user_info(base_url):
            place = self.document.place_of(("providers", name, "base_url"))
            self.diagnostics.add(
                place,
                "has a user name or a password, which reports would show: write them as "
                'headers = { Authorization = "Basic ${NAME}" }',
            )
            return None
        return Provider(
            name=name,
            base_url=base_url,
            api_key=self._secret(table.api_key) if table.api_key else None,
            auth=table.auth,
            headers={key: self._secret(value) for key, value in table.headers.items()},
            query={key: self._secret(value) for key, value in table.query.items()},
            transport=table.transport,
            model_in=table.model_in,
            written=table,
        )

    def _unset(self, name: str, variable: str, users: Sequence[str]) -> str:
        place = self.document.place_of(("providers", name))
        if ("providers", name) not in self.document.places:
            place = replace(place, path=())
        where = Place(place.source, place.folder, place.line)
        return (
            f"{where}: the provider {name} needs the environment variable {variable}, which is "
            f"not set; {', '.join(users)} would call it. Set it, or run with --provider local"
        )

    def _expanded(self, text: str) -> str:
        return expand(text, {name: value.strip() for name, value in self.environment.items()})

    def _secret(self, value: Secret) -> Secret:
        return Secret(self._expanded(value.reveal()))


def written_provider(provider: Provider) -> dict[str, object]:
    """A provider for reports: variables by their names, anything else that may be secret masked."""
    table = provider.written
    fields: dict[str, object] = {"base_url": table.base_url, "auth": table.auth}
    if table.transport != "webrtc":
        fields["transport"] = table.transport
        fields["model_in"] = table.model_in
    if table.api_key:
        fields["api_key"] = _masked(table.api_key)
    for key, values in (("headers", table.headers), ("query", table.query)):
        if values:
            fields[key] = {name: _masked(value) for name, value in values.items()}
    return fields


def _masked(value: Secret) -> str:
    text = value.reveal()
    return text if _is_variable(text) else str(value)


def _is_variable(text: str) -> bool:
    names = variables_in(text)
    return len(names) == 1 and text == f"${{{names[0]}}}"


def _values(table: ProviderTable) -> tuple[Secret, ...]:
    return (*table.headers.values(), *table.query.values())


def _told(value: Secret | None) -> str:
    return value.reveal() if value else ""
