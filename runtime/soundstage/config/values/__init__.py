"""What people write in scenario files: durations, levels, phrases, templates, moments, names."""

from soundstage.config.values.duration import Duration, DurationRange
from soundstage.config.values.files import (
    TEXT_LIMIT,
    Channel,
    FileReference,
    Lines,
    LinesAndKeys,
    OutputFile,
    SoundFile,
    Text,
    path_of,
    read_text_file,
)
from soundstage.config.values.level import Level, Ratio
from soundstage.config.values.moment import (
    BUILT_IN_EVENTS,
    Arguments,
    EventName,
    KeyLine,
    KeyPattern,
    Keys,
    Moment,
    arguments_match,
)
from soundstage.config.values.names import (
    AgentName,
    CalledTool,
    CueName,
    EffectName,
    Name,
    ProviderName,
    ServerName,
    ToolName,
    nearest,
    suggestion,
)
from soundstage.config.values.object_reference import ObjectReference
from soundstage.config.values.pattern import Pattern
from soundstage.config.values.phrase import Phrase
from soundstage.config.values.realtime_fields import SessionFields
from soundstage.config.values.sibling_imports import FreshLoader
from soundstage.config.values.table import (
    CHOICE,
    DRAWN_FROM,
    PlacedTable,
    SettingsOf,
    Table,
    ValidationContext,
    fault_within,
    folder_of,
    is_choice,
    is_list,
    is_table,
    without_plugins,
)
from soundstage.config.values.template import Template, slots_in
from soundstage.config.values.turn_detection import TurnDetection
from soundstage.config.values.variables import expand, variables_in
from soundstage.spoken_form import normalize, word_error_rate

__all__ = [
    "BUILT_IN_EVENTS",
    "CHOICE",
    "DRAWN_FROM",
    "TEXT_LIMIT",
    "AgentName",
    "Arguments",
    "CalledTool",
    "Channel",
    "CueName",
    "Duration",
    "DurationRange",
    "EffectName",
    "EventName",
    "FileReference",
    "FreshLoader",
    "KeyLine",
    "KeyPattern",
    "Keys",
    "Level",
    "Lines",
    "LinesAndKeys",
    "Moment",
    "Name",
    "ObjectReference",
    "OutputFile",
    "Pattern",
    "Phrase",
    "PlacedTable",
    "ProviderName",
    "Ratio",
    "ServerName",
    "SessionFields",
    "SettingsOf",
    "SoundFile",
    "Table",
    "Template",
    "Text",
    "ToolName",
    "TurnDetection",
    "ValidationContext",
    "arguments_match",
    "expand",
    "fault_within",
    "folder_of",
    "is_choice",
    "is_list",
    "is_table",
    "nearest",
    "normalize",
    "path_of",
    "read_text_file",
    "slots_in",
    "suggestion",
    "variables_in",
    "without_plugins",
    "word_error_rate",
]
