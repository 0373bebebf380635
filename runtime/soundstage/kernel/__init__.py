"""The one room that knows Pykka: how actors start, keep time, fail and stop."""

from soundstage.kernel._actor import Actor, handles
from soundstage.kernel._async_clock import AsyncClock
from soundstage.kernel._cell import Address, dump_tracebacks
from soundstage.kernel._executor import Executor, JobKind, ThreadExecutor, calls_on
from soundstage.kernel._interrupts import Interrupts, saved_at_forced_end
from soundstage.kernel._kernel import Kernel
from soundstage.kernel._policy import Limits, Phase, Policy, StopReport, Timer
from soundstage.kernel._portal import Job, Portal, make_loop
from soundstage.kernel._simulated import SimulatedKernel
from soundstage.kernel._threaded import ThreadedKernel
from soundstage.kernel._turn_watch import TurnWatch
from soundstage.kernel._wall import Stopwatch, utc_now

__all__ = [
    "Actor",
    "Address",
    "AsyncClock",
    "Executor",
    "Interrupts",
    "Job",
    "JobKind",
    "Kernel",
    "Limits",
    "Phase",
    "Policy",
    "Portal",
    "SimulatedKernel",
    "StopReport",
    "Stopwatch",
    "ThreadExecutor",
    "ThreadedKernel",
    "Timer",
    "TurnWatch",
    "calls_on",
    "dump_tracebacks",
    "handles",
    "make_loop",
    "saved_at_forced_end",
    "utc_now",
]
