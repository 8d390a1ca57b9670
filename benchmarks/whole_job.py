"""The whole job at full speed: consumed, decoded, judged, triggers sent, saved, committed, by real observe processes.

Everything is read from a topic that is full before it begins. Readings are counted by the role itself (/metrics), CPU
by the kernel (/proc), between a tenth and nine tenths of the topic: start-up does not count.
"""

from typing import Any

from benchmarks.county import ROWS, County
from benchmarks.figures import Figure
from benchmarks.lab import Lab
from benchmarks.rate import Rate, Sample, all_busy, drained, mean_of, middle, rate_of, worked_off
from benchmarks.rivals.run import rival
from benchmarks.stage import Stage

DATASTREAMS = 20_000
ROUNDS = 150  # 3 million single readings
QUIX, BYTEWAX = 400_000, 1_500_000  # messages of the topic that they read
FRAME_ROUNDS = 300  # 6 million readings in frames of 100
WAVES = (2_000, 200)  # datastreams, seconds: 40 million samples
SAMPLES = 100  # of a frame
FORMS_OF = {  # form -> whose readings, and how many of each
    "single": (County(DATASTREAMS), ROUNDS),
    "frames": (County(DATASTREAMS), FRAME_ROUNDS),
    "waveforms": (County(WAVES[0], chain="sta_lta"), WAVES[1]),
}


def observed(stage: Stage, run: str, total: int, processes: int = 1, module: str = "streams") -> list[Sample]:
    """Let fresh observe processes, a deployment of their own, work off all of `readings`."""
    stage.empty("checkpoints.observe")
    stage.write_app(kafka={"group_prefix": run})
    roles = [stage.role("observe", index, run, module) for index in range(processes)]
    try:
        return worked_off(roles, total)
    finally:
        for role in roles:
            role.stop()


def singles(lab: Lab) -> tuple[Stage, int]:
    """The topic of single readings."""
    stage, made = lab.filled("single", County(DATASTREAMS), lab.short(ROUNDS))
    return stage, made.messages


def baseline(lab: Lab) -> Rate:
    """The raw drain of single readings, before and after the job."""
    return lab.once("drain", lambda: mean_of([drained(singles(lab)[0])]))


def one_process(lab: Lab) -> Rate:
    """The whole job in one process, on single readings."""

    def measure() -> Rate:
        stage, total = singles(lab)
        before = drained(stage)
        samples = observed(stage, "one", total)
        lab.once("drain", lambda: mean_of([before, drained(stage)]))
        return rate_of(middle(samples, total))

    return lab.once("one", measure)


def whole_job(lab: Lab) -> list[Figure]:
    """One observe process ÷ a raw aiokafka drain of the same topic."""
    job = one_process(lab)
    raw = baseline(lab)
    beside = f"{job.said}; raw drain {raw.said}"
    by_cpu = job.per_cpu_second / raw.per_cpu_second
    told = f"1 signal in {job.readings / max(job.signals, 1):,.0f} readings"
    return [
        Figure("pipeline.whole_job", job.per_second / raw.per_second, must=0.35, aim=0.5, beside=beside),
        Figure("pipeline.whole_job_cpu", by_cpu, beside="readings a CPU second, job ÷ drain"),
        Figure("pipeline.whole_job_rate", job.per_second, "readings/s", beside=told),
    ]


def two_processes(lab: Lab) -> list[Figure]:
    """Readings for a CPU second of two processes ÷ those of one."""
    one = one_process(lab)
    stage, total = singles(lab)
    samples = observed(stage, "two", total, processes=2)
    two = rate_of(all_busy(samples))
    beside = f"two {two.said}; one {one.said}"
    return [
        Figure("pipeline.two_processes", two.per_cpu_second / one.per_cpu_second, must=0.85, aim=0.95, beside=beside),
        Figure("pipeline.two_processes_wall", two.per_second / one.per_second, beside="readings a second, two ÷ one"),
    ]


def rivals(lab: Lab) -> list[Figure]:
    """Readings for a CPU second ÷ those of Quix Streams and Bytewax, which only decode and look the slot up."""
    one = one_process(lab)
    stage, _ = singles(lab)
    quix = rival(stage, "quix", lab.short(QUIX))
    bytewax = rival(stage, "bytewax", lab.short(BYTEWAX))
    ours = one.per_cpu_second
    of_quix = f"a CPU second {ours:,.0f}; Quix {quix.said}"
    of_bytewax = f"a CPU second {ours:,.0f}; Bytewax {bytewax.said}"
    return [
        Figure("pipeline.quix", ours / quix.per_cpu_second, must=2, aim=4, beside=of_quix),
        Figure("pipeline.bytewax", ours / bytewax.per_cpu_second, must=1, aim=2, beside=of_bytewax),
    ]


def frames(lab: Lab) -> list[Figure]:
    """Frames of 100 readings ÷ the single-message rate."""
    one = one_process(lab)
    rounds = max(lab.short(FRAME_ROUNDS) // ROWS, 1) * ROWS
    stage, made = lab.filled("frames", County(DATASTREAMS), rounds)
    total = DATASTREAMS * rounds
    samples = observed(stage, "frames", total)
    many, raw = rate_of(middle(samples, total)), drained(stage)
    beside = f"{many.said}; single {one.per_second:,.0f}/s; raw drain {raw.per_second * ROWS:,.0f} readings/s"
    ratio, detail = many.per_second / one.per_second, {"bytes": made.size}
    return [Figure("pipeline.frames", ratio, must=3, aim=6, beside=beside, detail=detail)]


def waveforms(lab: Lab) -> list[Figure]:
    """Samples a second of 100 Hz waveforms through STA/LTA ÷ the single-message rate."""
    one = one_process(lab)
    datastreams, seconds = WAVES
    stage, made = lab.filled("waveforms", County(datastreams, chain="sta_lta"), lab.short(seconds))
    total = made.messages * SAMPLES
    samples = observed(stage, "waves", total)
    many, raw = rate_of(middle(samples, total)), drained(stage)
    beside = f"{many.said}; single {one.per_second:,.0f}/s; raw drain {raw.per_second * SAMPLES:,.0f} samples/s"
    detail = {"bytes": made.size}
    ratio = many.per_second / one.per_second
    return [Figure("pipeline.waveforms", ratio, must=15, aim=50, beside=beside, detail=detail)]


def checkpoint(lab: Lab) -> list[Figure]:
    """Share of the role's CPU that saving takes: by its own count, and against a process that never saves."""
    one = one_process(lab)
    stage, total = singles(lab)
    samples = observed(stage, "unsaved", total, module="benchmarks.unsaved")
    without = rate_of(middle(samples, total))
    share = 1 - one.per_cpu_second / without.per_cpu_second
    beside = f"{one.saving:.2f} s of {one.cpu:.1f} CPU seconds"
    against = f"a CPU second {one.per_cpu_second:,.0f}; never saving {without.per_cpu_second:,.0f}"
    bounds: dict[str, Any] = {"unit": "%", "must": 15, "aim": 8, "at_most": True}
    return [
        Figure("pipeline.checkpoint", 100 * one.saving / one.cpu, beside=beside, **bounds),
        Figure("pipeline.checkpoint_by_difference", 100 * share, beside=against, **bounds),
    ]
