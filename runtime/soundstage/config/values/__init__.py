"""What people write in scenario files: quantities, phrases, templates, moments, names, texts."""

from soundstage.config.values._arguments import Arguments, arguments_match
from soundstage.config.values._clocks import VIRTUAL, WALL
from soundstage.config.values._files import FileReference, SoundFile
from soundstage.config.values._moments import EventName, Moment
from soundstage.config.values._names import (
    AgentName,
    CalledTool,
    EffectName,
    Name,
    ProviderName,
    ToolName,
)
from soundstage.config.values._nearest import nearest, suggestion
from soundstage.config.values._objects import ObjectReference
from soundstage.config.values._phrases import Phrase
from soundstage.config.values._quantities import Duration, DurationRange, Level, Ratio
from soundstage.config.values._reading import Reading, reading_of
from soundstage.config.values._secrets import Secret, expand, variables_in
from soundstage.config.values._session import SessionFields, TurnDetection
from soundstage.config.values._table import Table, fault_within, is_list, is_table
from soundstage.config.values._templates import Template
from soundstage.config.values._textfile import TEXT_LIMIT, read_text_file
from soundstage.config.values._texts import Lines, Text
from soundstage.config.values.words import normalize, word_error_rate

__all__ = [
    "TEXT_LIMIT",
    "VIRTUAL",
    "WALL",
    "AgentName",
    "Arguments",
    "CalledTool",
    "Duration",
    "DurationRange",
    "EffectName",
    "EventName",
    "FileReference",
    "Level",
    "Lines",
    "Moment",
    "Name",
    "ObjectReference",
    "Phrase",
    "ProviderName",
    "Ratio",
    "Reading",
    "Secret",
    "SessionFields",
    "SoundFile",
    "Table",
    "Template",
    "Text",
    "ToolName",
    "TurnDetection",
    "arguments_match",
    "expand",
    "fault_within",
    "is_list",
    "is_table",
    "nearest",
    "normalize",
    "read_text_file",
    "reading_of",
    "suggestion",
    "variables_in",
    "word_error_rate",
]
