"""Effects that every scenario knows by name."""

from types import MappingProxyType
from typing import Final

from soundstage.audio.effects.effect import Effect, EffectSettings
from soundstage.audio.effects.noise import Noise
from soundstage.audio.effects.packet_loss import Loss
from soundstage.audio.effects.telephone import Telephone

_TABLES: Final[dict[str, tuple[type[Effect], dict[str, str]]]] = {
    "phone": (Telephone, {"kind": "telephone", "codec": "pcmu"}),
    "cafe_noise": (Noise, {"kind": "noise", "source": "pink", "snr": "15dB"}),
    "lossy": (Loss, {"kind": "loss", "rate": "5%", "burst": "60ms"}),
}

PRESETS: Final = MappingProxyType[str, tuple[type[Effect], EffectSettings]](
    {name: (kind, kind.Settings.model_validate(table)) for name, (kind, table) in _TABLES.items()}
)
"""Name to the class of the effect and its settings."""
