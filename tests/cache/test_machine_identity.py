"""What a machine may compute differently."""

from soundstage.cache import machine
from soundstage.cache.machine_identity import processor

INTEL = """processor\t: 0
vendor_id\t: GenuineIntel
flags\t\t: fpu sse2 avx avx2 fma avx512f avx512_vnni amx_int8 rtm
"""
ARM = """processor\t: 0
Features\t: fp asimd asimddp sve i8mm bf16
CPU implementer\t: 0x41
"""


def test_a_processor_is_told_by_its_vendor_and_its_wide_instructions():
    assert processor(INTEL).endswith(" GenuineIntel amx_int8 avx avx2 avx512_vnni avx512f fma")
    assert processor(ARM).endswith(" 0x41 asimd asimddp bf16 i8mm sve")


def test_what_does_not_change_a_sum_does_not_count():
    assert processor(INTEL) == processor(INTEL.replace("rtm", "hle"))
    assert processor(INTEL) != processor(INTEL.replace("avx512_vnni", ""))
    assert processor(INTEL) != processor(INTEL.replace("GenuineIntel", "AuthenticAMD"))


def test_a_machine_that_does_not_describe_itself_is_told_by_its_kind():
    assert processor("")


def test_the_libraries_that_compute_count():
    assert "numpy=" in machine()
    assert "onnxruntime=" in machine()
