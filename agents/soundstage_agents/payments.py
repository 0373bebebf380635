"""A cashier: an agent that keeps payment requests, for others to call as tools."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import TypedDict

from soundstage.agent import Agent, AgentContext
from soundstage.tools import tool
from soundstage_agents._ledger import Ledger, PaymentRequest, currency_code, exact_amount

LEDGER = "payments.sqlite"
"""The ledger's name in a run folder."""


class Answer(TypedDict):
    """What a model is told of a request."""

    number: int
    order: str
    amount: float
    currency: str
    state: str


class Cashier(Agent):
    """Takes payment requests: validated, one for each order, and kept once they are accepted.

    It neither hears nor speaks; it serves the tools `create_payment_request`,
    `confirm_payment_request` and `cancel_payment_request`.
    """

    class Settings(Agent.Settings):
        """The keys of a cashier.

        Attributes:
            ledger: the SQLite file; `payments.sqlite` in the run folder where none is named.
        """

        ledger: str | None = None

    def __init__(self, context: AgentContext) -> None:
        super().__init__(context)
        self._ledger = Ledger(self.settings.ledger or (context.folder or Path()) / LEDGER)

    @tool
    def create_payment_request(self, amount: Decimal, currency: str, order: str) -> Answer:
        """Prepare a payment request. Read it back to the customer, and confirm it if they agree.

        Args:
            amount: how much is to be paid, for instance 24.5.
            currency: its name or ISO code, for instance "dollars" or "USD".
            order: the number of the order that is paid.
        """
        code = currency_code(currency)
        return _answer(self._ledger.request(_key(order), exact_amount(amount, code), code))

    @tool
    def confirm_payment_request(self, order: str) -> Answer:
        """Send the request that was prepared for an order, once the customer has agreed.

        Args:
            order: the number of the order that is paid.
        """
        return _answer(self._ledger.settle(_key(order), "accepted"))

    @tool
    def cancel_payment_request(self, order: str) -> Answer:
        """Forget the request that was prepared for an order, if the customer does not agree.

        Args:
            order: the number of the order that was to be paid.
        """
        return _answer(self._ledger.settle(_key(order), "cancelled"))

    def closed(self) -> None:
        """Let go of the file."""
        self._ledger.close()
        super().closed()


def _key(order: str) -> str:
    """An order's number without what a recogniser puts in between: `X 1, 2, 3` is `X123`."""
    return "".join(letter for letter in order.upper() if letter.isalnum())


def _answer(request: PaymentRequest) -> Answer:
    return Answer(
        number=request.number,
        order=request.reference,
        amount=float(request.amount),
        currency=request.currency,
        state=request.state,
    )


def main() -> None:
    """List the requests of a ledger, or of a run folder: `python -m soundstage_agents.payments`."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(LEDGER)
    file = path / LEDGER if path.is_dir() else path
    if not file.is_file():
        sys.exit(f"{file}: there is no ledger; name one, or a run folder")
    ledger = Ledger(file)
    for each in ledger.all():
        sys.stdout.write(
            f"{each.number:>4}  {each.reference:<12} {each.amount:>12} {each.currency}"
            f"  {each.state}\n"
        )
    ledger.close()


if __name__ == "__main__":
    main()
