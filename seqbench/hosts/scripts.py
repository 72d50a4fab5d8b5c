"""Write the scripts that a host runs: install, start, follow, stop. Pure.

Each is one word of `sh -c`, so that the login shell of the user does not matter.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqbench.hosts.probe import Facts

# What ssh tells a program of the connection; no tool and no log should see it.
_OF_SSH = ("SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "SSH_AUTH_SOCK", "SSH_ORIGINAL_COMMAND", "SSH_USER_AUTH")
EVENTS, ANSWERS, RESULT, OUT, ERR = "events", "answers", "result.json", "out", "err"
STATUS, GROUP, START = "status", "group", "start.sh"
_MARK = "seqbench-run"
# What a process itself used, in user space and in the kernel, among the fields after its name.
_TICKS = slice(11, 13)
SUITE_FILE = ".suite-file.toml"
"""The file of `--suite-file`, in the folder of the suite."""
ENDED = "Ended"
"""The event after the last one; it has the exit code of the task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The folders of one run on a host."""

    folder: str
    """Everything of seqbench that serves `--hosts`, in the cache of the host."""
    code: str
    """The environment with this seqbench; its name has the digest of the wheel, the architecture and the Python."""
    suite: str
    """The suite; its name has its digest."""
    run: str
    """The project of the run: settings, results and events."""

    @property
    def python(self) -> str:
        """Return the Python of the environment."""
        return f"{self.code}/bin/python"


def code_name(digest: str, extra: str, facts: Facts) -> str:
    """Return the name of the environment; a home folder that machines share may hold one for each of them."""
    series = facts.python.series if facts.python else ""
    return "-".join(("code", digest, *([extra] if extra else []), facts.architecture, f"py{series}"))


def suite_name(digest: str) -> str:
    """Return the name of the folder of a suite."""
    return f"suite-{digest}"


def places(facts: Facts, *, code: str, suite: str, run: str) -> Places:
    """Return the folders on a host for a run of this name with this environment and suite."""
    folder = f"{facts.cache}/hosts"
    return Places(folder=folder, code=f"{folder}/{code}", suite=f"{folder}/{suite}", run=f"{folder}/run-{run}")


def shell(script: str) -> str:
    """Return the command that runs a script in the shell of POSIX, whatever the login shell is."""
    return f"sh -c {shlex.quote(script)}"


def make_folder(path: str) -> str:
    """Return a script that makes a folder."""
    return f"mkdir -p {shlex.quote(path)}"


def install(facts: Facts, to: Places, wheel: str, extra: str) -> str:
    """Return a script that installs a wheel into a new environment; only a complete one gets its name."""
    python = facts.python.path if facts.python else "python3"
    old = shlex.quote(to.code)
    wanted = shlex.quote(f"{wheel}{f'[{extra}]' if extra else ''}")
    return f"""set -e
new={old}.$(uname -n).$$
trap 'rm -rf "$new"' EXIT
{shlex.quote(python)} -m venv "$new"
"$new/bin/python" -I -m pip install --quiet --no-input --disable-pip-version-check {wanted}
"$new/bin/python" -I -c 'import seqbench'
{_name(shlex.quote(python), old)}
rm -rf {shlex.quote(wheel.rpartition("/")[0])}
"""


def unpack(to: Places, archive: str) -> str:
    """Return a script that unpacks a suite; only a complete one gets its name."""
    old = shlex.quote(to.suite)
    return f"""set -e
new={old}.$(uname -n).$$
trap 'rm -rf "$new"' EXIT
{shlex.quote(to.python)} -I -m tarfile -e {shlex.quote(archive)} "$new"
{_name(shlex.quote(to.python), old)}
rm -f {shlex.quote(archive)}
"""


def _name(python: str, old: str) -> str:
    """Return a command that gives the folder `$new` its name, unless another host with this home folder was first."""
    return f"""{python} -I -c 'import os, sys; os.rename(*sys.argv[1:])' "$new" {old} || [ -e {old} ]"""


def start_file(to: Places, words: Sequence[str], settings: Mapping[str, str]) -> str:
    """Return the file that runs the task; it is not ended by the signal that ends the task, and says how that ended.

    Parameters
    ----------
    words
        The task and its flags.
    settings
        The variables that are passed to programs and recorded. No other one goes to a host.
    """
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())
    ended = json.dumps({"event": ENDED, "status": "STATUS"}).replace('"STATUS"', "'$status'")
    return f"""trap : TERM
cd {shlex.quote(to.run)} || exit
unset {" ".join(_OF_SSH)}
{exports}export SEQBENCH_EVENTS={shlex.quote(f"{to.run}/{EVENTS}")}
export SEQBENCH_HISTORY={shlex.quote(f"{to.run}/history.db")}
export NO_COLOR=1
{shlex.quote(to.python)} -I -m seqbench {shlex.join(words)} >{OUT} 2>{ERR} </dev/null
status=$?
echo $status >{STATUS}
echo '{ended}' >>{EVENTS}
"""


def start(to: Places, suite: str) -> str:
    """Return a script that starts the file in a session of its own, which outlives the connection.

    Running it again starts nothing. What no run used for a month is removed.

    Parameters
    ----------
    suite
        The name of the folder of the suite in the project of the run.
    """
    detach = "import os; os.setsid(); os.execv('/bin/sh', ['sh', 'start.sh'])"
    return f"""cd {shlex.quote(to.run)} || exit
[ -e {GROUP} ] && exit
touch {shlex.quote(to.code)} {shlex.quote(to.suite)}
find {shlex.quote(to.folder)} -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf '{{}}' + 2>/dev/null
ln -s {shlex.quote(to.suite)} {suite}
: >{EVENTS}
nohup {shlex.quote(to.python)} -I -c {shlex.quote(detach)} >/dev/null 2>&1 </dev/null &
echo $! >{GROUP}
"""


def follow(to: Places, from_line: int) -> str:
    """Return a script that prints the events from a line on: one quiet process, which it names with its connection."""
    return f"""echo "relay $$ $PPID $(getconf CLK_TCK)"
cat /proc/$PPID/stat 2>/dev/null || echo none
exec tail -n +{from_line} -f {shlex.quote(f"{to.run}/{EVENTS}")}"""


def answer(to: Places, line: str) -> str:
    """Return a script that writes a line for a run that asks whether a benchmark stops."""
    return f"printf '%s\\n' {shlex.quote(line)} >>{shlex.quote(f'{to.run}/{ANSWERS}')}"


def is_running(to: Places) -> str:
    """Return a script that prints whether a run is running, has ended with which exit code, or is gone without one."""
    return f"""state() {{ echo "{_MARK} $*"; exit; }}
cd {shlex.quote(to.run)} 2>/dev/null || state gone
[ -s {STATUS} ] && state ended "$(cat {STATUS})"
[ -s {GROUP} ] && kill -s 0 "$(cat {GROUP})" 2>/dev/null \\
  && ! grep -q "^State:.Z" "/proc/$(cat {GROUP})/status" 2>/dev/null && state running
[ -s {STATUS} ] && state ended "$(cat {STATUS})"  # since it was looked for
state gone"""


def state_of(said: str) -> tuple[str, int | None]:
    r"""Return what `is_running` printed after whatever a shell prints at a login, with the exit code of an ended run.

    Examples
    --------
    >>> state_of("Welcome!\nseqbench-run ended 4\n"), state_of("seqbench-run running\n"), state_of("Welcome!\n")
    (('ended', 4), ('running', None), ('', None))
    """
    state, _, status = said.rpartition(f"{_MARK} ")[2].strip().partition(" ") if _MARK in said else ("", "", "")
    return state, int(status) if status.isdecimal() else None


def runs_beside(to: Places, run: str) -> str:
    """Return a script that prints the folders there whose names begin with that of a run."""
    return f"ls -d {shlex.quote(to.folder)}/run-{run}*"


def stop(to: Places, signal: str) -> str:
    """Return a script that sends the process group of a run a signal; seqbench ends its programs then."""
    return f"""cd {shlex.quote(to.run)} && [ -s {GROUP} ] || exit 0
group=$(cat {GROUP})
kill -s {signal} -- "-$group" 2>/dev/null || kill -s {signal} "$group" 2>/dev/null
true"""


def usage(relay: int, connection: int) -> str:
    """Return a script that prints what the kernel counted for the two processes that watch."""
    return f"cat /proc/{relay}/stat /proc/{connection}/stat 2>/dev/null; true"


def processor_ticks(stats: str) -> int:
    """Return the processor time of processes, in ticks, from lines of /proc/PID/stat; any other line counts nothing.

    Examples
    --------
    >>> processor_ticks("Welcome :)")
    0
    >>> processor_ticks("7 (tail -f) S 1 7 7 0 -1 4194304 90 0 0 0 3 2 0 0 20 0 1 0 55 1 1")
    5
    """
    fields = [line.rpartition(")")[2].split()[_TICKS] for line in stats.splitlines()]
    return sum(int(each) for pair in fields if all(word.isdecimal() for word in pair) for each in pair)
