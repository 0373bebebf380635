"""The one room that knows Pykka: how actors start, keep time, fail and stop."""

from soundstage.kernel.actor import Actor, handles
from soundstage.kernel.actor_cell import Address, dump_tracebacks
from soundstage.kernel.actor_options import Limits, Phase, Policy, StopReport, Timer
from soundstage.kernel.base_kernel import Kernel
from soundstage.kernel.daemon_call import call_within
from soundstage.kernel.executor import Executor, JobKind, ThreadExecutor, calls_on
from soundstage.kernel.interrupts import Interrupts
from soundstage.kernel.portal import Portal, PortalTask, make_loop
from soundstage.kernel.process_exit import saved_at_forced_end
from soundstage.kernel.simulated_kernel import SimulatedKernel
from soundstage.kernel.threaded_kernel import ThreadedKernel
from soundstage.kernel.turn_watch import TurnWatch
from soundstage.kernel.wall_clock import AsyncClock, Stopwatch, utc_now

__all__ = [
    "Actor",
    "Address",
    "AsyncClock",
    "Executor",
    "Interrupts",
    "JobKind",
    "Kernel",
    "Limits",
    "Phase",
    "Policy",
    "Portal",
    "PortalTask",
    "SimulatedKernel",
    "StopReport",
    "Stopwatch",
    "ThreadExecutor",
    "ThreadedKernel",
    "Timer",
    "TurnWatch",
    "call_within",
    "calls_on",
    "dump_tracebacks",
    "handles",
    "make_loop",
    "saved_at_forced_end",
    "utc_now",
]
