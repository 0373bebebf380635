# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2021 Taneli Hukkinen
# Licensed to PSF under a Contributor Agreement.
# soundstage: `load` is left out; see README.md

__all__ = ("Positions", "TOMLDecodeError", "loads")

from ._parser import TOMLDecodeError, loads
from ._types import Positions
