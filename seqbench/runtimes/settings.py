"""Check settings against what compilers and runtimes know: names, values and contradictions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from seqbench.errors import UsageError
from seqbench.runtimes.base import Runtime
from seqbench.runtimes.registry import RUNTIMES
from seqbench.toolchain.compiler_spec import BUILD_FLAGS, OPTIONS, Spec
from seqbench.toolchain.settings import Setting, did_you_mean, near_names

_ALLOW_UNKNOWN = "--allow-unknown-settings (in pyproject.toml: allow-unknown-settings = true)"
_EVERYWHERE = {setting.name: setting for runtime in RUNTIMES for setting in runtime.known_settings}
_FLAGS = {setting.name: setting for setting in BUILD_FLAGS}
# A variable of the environment that is not handed on, but as similar as this to one that would be, is a typing error:
# GOMAXPROC for GOMAXPROCS, and not GOPATH for GOGC.
_TYPO = 0.88


def require_valid(spec: Spec, *, allow_unknown: bool) -> None:
    """Check the names and values of all settings of a SPEC.

    Raises
    ------
    UsageError
        A value is invalid, or a name is unknown and `allow_unknown` is false.
    """
    for name, value in _given(spec):
        setting = _FLAGS.get(name) or _EVERYWHERE.get(name)
        if setting is None:
            if not allow_unknown:
                raise UsageError(f"{spec.text!r}: unknown setting {name!r}", _fix_of_unknown(name))
        elif not setting.is_valid(value):
            raise UsageError(f"{spec.text!r}: {_wrong(setting, value)}", _fix_of_value(setting))


def spec_warnings(spec: Spec) -> tuple[str, ...]:
    """Return what is unknown or contradictory in a SPEC that was accepted."""
    given = dict(_given(spec))
    found = [f"{spec.text}: unknown setting {name}" for name in given if name not in _FLAGS and name not in _EVERYWHERE]
    return (
        *found,
        *(
            f"{spec.text}: {name} has no effect without {flag.only_with}"
            for name, flag in _FLAGS.items()
            if name in given and flag.only_with and flag.only_with not in given
        ),
    )


def environment_warnings(environment: Mapping[str, str], runtimes: Sequence[Runtime]) -> tuple[str, ...]:
    """Return what is wrong with the settings in the environment: unknown names, invalid values, typing errors."""
    known = {setting.name: setting for runtime in runtimes for setting in runtime.known_settings}
    titles = " or ".join(runtime.title for runtime in runtimes)
    found = []
    for name, value in sorted(environment.items()):
        if name in known:
            if not known[name].is_valid(value):
                found.append(f"{_wrong(known[name], value)}; it is passed to the programs all the same")
        elif name in _EVERYWHERE and not any(runtime.run.reads(name) for runtime in runtimes):
            found.append(f"{name}={value} is not passed on: it is no setting of {titles}")
        elif any(runtime.known_settings and runtime.run.reads(name) for runtime in runtimes):
            near = near_names(name, known)
            hint = f"; did you mean {near[0]}?" if near else ""
            found.append(f"unknown setting {name}={value}, passed to the programs all the same{hint}")
        elif similar := [each for each in known if SequenceMatcher(a=name, b=each).ratio() >= _TYPO]:
            found.append(f"{name}={value} is not passed on; did you mean {similar[0]}?")
    return tuple(f"in the environment: {each}" for each in found)


def override_warnings(spec: Spec, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return which variables of the environment have another value in the SPEC, which wins."""
    return tuple(
        f"{name} is {value} by the SPEC {spec.text}, not {environment[name]} as in the environment"
        for name, value in spec.settings
        if environment.get(name, value) != value
    )


def without_effect(
    settings: Mapping[str, str], runtimes: Iterable[Runtime], unread: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """Return the settings that change nothing, each with the reason.

    Parameters
    ----------
    settings
        All settings that the programs of these runtimes are started with.
    unread
        The names that no program reads.
    """
    known = {setting.name: setting for runtime in runtimes for setting in runtime.known_settings}
    found = dict.fromkeys(unread, "no program reads it")
    for name, value in settings.items():
        setting = known.get(name)
        if name in found or setting is None:
            continue
        condition = known.get(setting.only_with)
        if setting.default and value == setting.default:
            found[name] = "this is the default"
        elif condition and settings.get(condition.name, condition.default) == condition.default:
            found[name] = f"it works only with {condition.name}"
    return tuple(sorted(found.items()))


def known_to(runtime: Runtime, name: str) -> Setting | None:
    """Return what is known of a variable of this runtime; None if it is unknown."""
    return next((setting for setting in runtime.known_settings if setting.name == name), None)


def _given(spec: Spec) -> tuple[tuple[str, str], ...]:
    flags = (flag.partition("=") for flag in spec.flags)
    return (*((name, value) for name, _, value in flags), *spec.settings)


def _wrong(setting: Setting, value: str) -> str:
    return f"{setting.name} is {value!r}, expected {setting.expected()}"


def _fix_of_value(setting: Setting) -> str:
    if setting.default:
        return f"use such a value, or remove {setting.name}: {setting.default} is the default"
    return f"use such a value, or remove {setting.name}"


def _fix_of_unknown(name: str) -> str:
    names = (*(option.name for option in OPTIONS), *_EVERYWHERE)
    near = did_you_mean(name, names)
    return f"{near}{'add' if near else 'remove it, or add'} {_ALLOW_UNKNOWN} to use it as it is"
