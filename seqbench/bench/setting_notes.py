"""Find settings that cannot matter at the sizes that were chosen, and the sizes at which they would. Pure.

Some settings are a number of strands that the runtime keeps something ready for, such as the stacks of its pool. Where
fewer strands live at once than each of two values, both values do the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from seqbench.suite.benchmarks import Benchmark
from seqbench.suite.sizes import MAP_COUNT_FIX
from seqbench.system.facts import Limits
from seqbench.toolchain.settings import Setting
from seqbench.units import percent

# A difference in fewer of the strands than this share is not what somebody compares settings for.
_ENOUGH = 0.5
_STEP = 10
_PAIR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedBenchmark:
    """A benchmark with the values of its parameters in a run."""

    benchmark: Benchmark
    parameters: tuple[tuple[str, int], ...]


def setting_notes(
    chosen: Sequence[SizedBenchmark], known: Iterable[Setting], sides: Sequence[Mapping[str, str]]
) -> tuple[str, ...]:
    """Return a sentence for each setting and the benchmarks in which its values can make little or no difference.

    Parameters
    ----------
    known
        The settings of the runtime that is compared.
    sides
        The settings of each side without those that have no effect; a single side is compared with the defaults.
    """
    found = []
    strands = [each for each in chosen if each.benchmark.live_strands]
    for setting in known:
        texts = {side.get(setting.name, setting.default) for side in (*sides, *([{}] if len(sides) == 1 else []))}
        if not setting.serves_strands or len(texts) < _PAIR or not all(map(setting.is_valid, texts)):
            continue
        values = _Values(setting=setting, numbers=tuple(sorted(map(int, texts))))
        if idle := [each for each in strands if values.share(each) == 0]:
            most = max(_live(each) for each in idle)
            found.append(
                f"{setting.name} cannot matter in {', '.join(each.benchmark.name for each in idle)}: at most {most:,} "
                f"strands live at once, and each of {values.text()} is enough{values.advice(idle)}"
            )
        found += [
            f"{setting.name} can matter for {percent(values.share(each))} of the strands of {each.benchmark.name} "
            f"only: {_live(each):,} live at once, and {values.text()} are compared{values.advice([each])}"
            for each in strands
            if 0 < values.share(each) < _ENOUGH
        ]
    return tuple(found)


def maps_warnings(settings: Mapping[str, str], known: Iterable[Setting], limits: Limits) -> tuple[str, ...]:
    """Return the settings for which a program makes more memory maps at the start than this machine allows."""
    found = []
    for setting in known:
        value = settings.get(setting.name, "")
        maps = setting.maps_each * int(value) if setting.is_valid(value) and setting.maps_each else 0
        if limits.max_map_count is not None and maps > limits.max_map_count:
            found.append(
                f"{setting.name}={value} needs more than {maps:,} memory maps, but vm.max_map_count is "
                f"{limits.max_map_count:,}: the programs will not start\n  fix: {MAP_COUNT_FIX.format(count=2 * maps)}"
            )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """The values of a setting that are compared, in rising order."""

    setting: Setting
    numbers: tuple[int, ...]

    def share(self, each: SizedBenchmark) -> float:
        """Return the share of the live strands that the smallest and the largest value serve differently."""
        live, low, high = _live(each), self.numbers[0], self.numbers[-1]
        if self.setting.slows_all:
            return float(live > low)
        return (min(live, high) - min(live, low)) / max(1, live)

    def text(self) -> str:
        """Return the values as a list."""
        default = self.setting.default
        texts = [f"{number:,}{' (the default)' if str(number) == default else ''}" for number in self.numbers]
        return f"{', '.join(texts[:-1])} and {texts[-1]}"

    def advice(self, idle: Iterable[SizedBenchmark]) -> str:
        """Return the smallest sizes at which the setting would matter, as a flag; empty if there are none."""
        sizes = {each.benchmark.name: self._size_that_matters(each) for each in idle}
        flags = ",".join(f"{name}={size}" for name, size in sizes.items() if size is not None)
        return f"; --size {flags} would make it matter" if flags else ""

    def _size_that_matters(self, each: SizedBenchmark) -> int | None:
        scaling = each.benchmark.scaling
        if scaling is None:
            return None
        step = scaling.power_of or _STEP
        sizes = [scaling.full]
        while sizes[-1] // step >= scaling.quick:
            sizes.append(sizes[-1] // step)
        for number in reversed(sizes):
            parameters = tuple({**dict(each.parameters), scaling.name: number}.items())
            if self.share(replace(each, parameters=parameters)) >= _ENOUGH:
                return number
        return None


def _live(each: SizedBenchmark) -> int:
    return each.benchmark.live_strands.value(dict(each.parameters)) if each.benchmark.live_strands else 0
