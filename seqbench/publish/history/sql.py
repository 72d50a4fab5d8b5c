"""Define the SQL of the history: its tables, which docs/HISTORY.md explains, and every statement. Pure."""

# Increase it for a change that an older seqbench would misread.
VERSION = 1
# "Sqbh" marks this file among other SQLite databases.
APPLICATION_ID = 0x53716268

SCHEMA = """
CREATE TABLE machine (
    machine_id    INTEGER PRIMARY KEY,
    identity      TEXT NOT NULL UNIQUE,
    cpu           TEXT NOT NULL,
    cores         INTEGER NOT NULL,
    memory_bytes  INTEGER NOT NULL,
    system        TEXT NOT NULL,
    cpu_quota           REAL,
    memory_limit_bytes  INTEGER,
    earlier_identity    TEXT NOT NULL DEFAULT ''
);
CREATE TABLE tool (
    tool_id     INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    version     TEXT NOT NULL,
    digest      TEXT NOT NULL,
    provenance  TEXT NOT NULL,
    UNIQUE (digest, name, version, provenance)
);
CREATE TABLE session (
    session_id        INTEGER PRIMARY KEY,
    machine_id        INTEGER NOT NULL REFERENCES machine,
    started_at        TEXT NOT NULL,
    finished_at       TEXT NOT NULL,
    seed              INTEGER NOT NULL,
    commit_id         TEXT NOT NULL,
    is_dirty          INTEGER NOT NULL,
    is_default_suite  INTEGER NOT NULL,
    sources_digest    TEXT NOT NULL,
    size              TEXT NOT NULL,
    load_before       REAL NOT NULL,
    wall_ns           INTEGER NOT NULL,
    programs_ns       INTEGER NOT NULL,
    build_ns          INTEGER NOT NULL,
    seqbench_version  TEXT NOT NULL,
    system            TEXT NOT NULL DEFAULT '',
    host              TEXT NOT NULL DEFAULT '',
    UNIQUE (machine_id, started_at, seed)
);
CREATE TABLE session_tool (
    session_id  INTEGER NOT NULL REFERENCES session,
    tool_id     INTEGER NOT NULL REFERENCES tool,
    PRIMARY KEY (session_id, tool_id)
) WITHOUT ROWID;
CREATE TABLE series (
    series_id         INTEGER PRIMARY KEY,
    machine_id        INTEGER NOT NULL REFERENCES machine,
    is_default_suite  INTEGER NOT NULL,
    benchmark         TEXT NOT NULL,
    parameters        TEXT NOT NULL,
    runtime           TEXT NOT NULL,
    variant           TEXT NOT NULL,
    settings          TEXT NOT NULL,
    title             TEXT NOT NULL,
    size_label        TEXT NOT NULL,
    runtime_title     TEXT NOT NULL,
    variant_label     TEXT NOT NULL,
    UNIQUE (machine_id, is_default_suite, benchmark, parameters, runtime, variant, settings)
);
CREATE TABLE program (
    program_id         INTEGER PRIMARY KEY,
    session_id         INTEGER NOT NULL REFERENCES session,
    series_id          INTEGER NOT NULL REFERENCES series,
    started_at         TEXT NOT NULL,
    tool_id            INTEGER REFERENCES tool,
    executable_digest  TEXT NOT NULL,
    outcome            TEXT NOT NULL CHECK (outcome IN ('measured', 'failed', 'skipped')),
    stage              TEXT NOT NULL,
    reason             TEXT NOT NULL,
    rounds             INTEGER NOT NULL,
    elapsed_ns         REAL,
    elapsed_low_ns     REAL,
    elapsed_high_ns    REAL
);
CREATE INDEX program_by_series ON program (series_id, outcome, started_at);
CREATE INDEX program_by_session ON program (session_id);
CREATE TABLE sample (
    program_id            INTEGER NOT NULL REFERENCES program,
    round_number          INTEGER NOT NULL,
    is_warm_up            INTEGER NOT NULL,
    elapsed_ns            INTEGER NOT NULL,
    wall_ns               INTEGER NOT NULL,
    user_ns               INTEGER NOT NULL,
    system_ns             INTEGER NOT NULL,
    max_rss_bytes         INTEGER NOT NULL,
    max_rss_floor_bytes   INTEGER NOT NULL,
    minor_faults          INTEGER NOT NULL,
    major_faults          INTEGER NOT NULL,
    voluntary_switches    INTEGER NOT NULL,
    involuntary_switches  INTEGER NOT NULL
);
CREATE INDEX sample_by_program ON sample (program_id);
CREATE VIEW point AS
SELECT
    program.started_at, machine.identity AS machine,
    series.benchmark, series.parameters, series.runtime, series.variant, series.settings,
    program.elapsed_ns, program.elapsed_low_ns, program.elapsed_high_ns, program.rounds,
    tool.name AS tool, tool.version AS tool_version, session.commit_id, session.is_dirty, session.sources_digest,
    series.is_default_suite, program.program_id, session.session_id, series.series_id
FROM program
JOIN session USING (session_id)
JOIN series USING (series_id)
JOIN machine ON machine.machine_id = series.machine_id
LEFT JOIN tool ON tool.tool_id = program.tool_id
WHERE program.outcome = 'measured';
CREATE VIEW failure AS
SELECT
    program.started_at, machine.identity AS machine,
    series.benchmark, series.parameters, series.runtime, series.variant, series.settings,
    program.stage, program.reason, session.commit_id, session.session_id, series.series_id
FROM program
JOIN session USING (session_id)
JOIN series USING (series_id)
JOIN machine ON machine.machine_id = series.machine_id
WHERE program.outcome = 'failed';
"""

CREATE = (
    *(statement.strip() for statement in SCHEMA.split(";") if statement.strip()),
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)

# Columns that earlier files lack: (table, column) to its definition. An older seqbench reads and writes files with
# them too, because each has a default.
ADDED_COLUMNS = {
    ("machine", "cpu_quota"): "REAL",
    ("machine", "memory_limit_bytes"): "INTEGER",
    ("machine", "earlier_identity"): "TEXT NOT NULL DEFAULT ''",
    ("session", "system"): "TEXT NOT NULL DEFAULT ''",
    ("session", "host"): "TEXT NOT NULL DEFAULT ''",
    # What other processes used of the machine, in every run.
    ("sample", "window_ns"): "INTEGER NOT NULL DEFAULT 0",
    ("sample", "machine_busy_ns"): "INTEGER NOT NULL DEFAULT 0",
    ("sample", "machine_steal_ns"): "INTEGER NOT NULL DEFAULT 0",
    ("sample", "own_cpu_ns"): "INTEGER NOT NULL DEFAULT 0",
    ("sample", "kernel_threads_ns"): "INTEGER NOT NULL DEFAULT 0",
    ("sample", "pressure_ns"): "INTEGER NOT NULL DEFAULT 0",
    ("sample", "throttled_ns"): "INTEGER NOT NULL DEFAULT 0",
    # And in the rounds that the program ran in.
    ("program", "judged_rounds"): "INTEGER NOT NULL DEFAULT 0",
    ("program", "disturbed_rounds"): "INTEGER NOT NULL DEFAULT 0",
    ("program", "others_share"): "REAL NOT NULL DEFAULT 0",
    ("program", "waiting_share"): "REAL NOT NULL DEFAULT 0",
    ("program", "throttled_rounds"): "INTEGER NOT NULL DEFAULT 0",
    ("program", "throttled_ns"): "INTEGER NOT NULL DEFAULT 0",
}
COLUMNS = "SELECT name FROM pragma_table_info(:table)"
# A session of a seqbench that did not keep its system had that of its machine.
FILL_SYSTEMS = """
UPDATE session SET system = (SELECT system FROM machine WHERE machine.machine_id = session.machine_id)
WHERE system = ''
"""
ALL_MACHINES = "SELECT * FROM machine ORDER BY machine_id"
MACHINE_BY_IDENTITY = "SELECT machine_id FROM machine WHERE identity = :identity"
RENAME_MACHINE = "UPDATE machine SET identity = :identity, earlier_identity = :earlier_identity WHERE machine_id = :old"
# Sessions that two rows of the table machine both have.
FIND_TWINS = """
SELECT session.session_id FROM session JOIN session AS other USING (started_at, seed)
WHERE session.machine_id = :old AND other.machine_id = :new
"""
DROP_SESSION = (
    "DELETE FROM sample WHERE program_id IN (SELECT program_id FROM program WHERE session_id = :session_id)",
    "DELETE FROM program WHERE session_id = :session_id",
    "DELETE FROM session_tool WHERE session_id = :session_id",
    "DELETE FROM session WHERE session_id = :session_id",
)
SERIES_OF_MACHINE = "SELECT * FROM series WHERE machine_id = :old"
MOVE_PROGRAMS = "UPDATE program SET series_id = :kept WHERE series_id = :series_id"
DROP_SERIES = "DELETE FROM series WHERE series_id = :series_id"
MOVE_SERIES = "UPDATE series SET machine_id = :machine_id WHERE series_id = :series_id"
MOVE_SESSIONS = "UPDATE session SET machine_id = :new WHERE machine_id = :old"
DROP_MACHINE = "DELETE FROM machine WHERE machine_id = :old"

FIND_SESSION = "SELECT 1 FROM session WHERE machine_id = :machine_id AND started_at = :started_at AND seed = :seed"

# No UPSERT and no RETURNING: systems in use have versions of SQLite without them.
# An earlier session or row has the identity that the other one has as the earlier one.
FIND_MACHINE = """
SELECT machine_id FROM machine
WHERE identity = :identity OR (earlier_identity <> '' AND earlier_identity = :identity)
    OR (:earlier_identity <> '' AND identity = :earlier_identity)
ORDER BY identity = :identity DESC
"""
ADD_MACHINE = """
INSERT INTO machine (identity, cpu, cores, memory_bytes, system, cpu_quota, memory_limit_bytes, earlier_identity)
VALUES (:identity, :cpu, :cores, :memory_bytes, :system, :cpu_quota, :memory_limit_bytes, :earlier_identity)
"""
LAST_START = "SELECT COALESCE(MAX(started_at), '') FROM session WHERE machine_id = :machine_id"
# As its latest session has it; one with an earlier identity adds no identity.
NAME_MACHINE = """
UPDATE machine SET memory_bytes = :memory_bytes, system = :system,
    identity = CASE :earlier_identity WHEN '' THEN identity ELSE :identity END,
    earlier_identity = CASE :earlier_identity WHEN '' THEN earlier_identity ELSE :earlier_identity END
WHERE machine_id = :machine_id
"""
FIND_TOOL = """
SELECT tool_id FROM tool
WHERE name = :name AND version = :version AND digest = :digest AND provenance = :provenance
"""
ADD_TOOL = "INSERT INTO tool (name, version, digest, provenance) VALUES (:name, :version, :digest, :provenance)"
FIND_SERIES = """
SELECT series_id FROM series
WHERE machine_id = :machine_id AND is_default_suite = :is_default_suite AND benchmark = :benchmark
    AND parameters = :parameters AND runtime = :runtime AND variant = :variant AND settings = :settings
"""
ADD_SERIES = """
INSERT INTO series (
    machine_id, is_default_suite, benchmark, parameters, runtime, variant, settings,
    title, size_label, runtime_title, variant_label
) VALUES (
    :machine_id, :is_default_suite, :benchmark, :parameters, :runtime, :variant, :settings,
    :title, :size_label, :runtime_title, :variant_label
)
"""
NAME_SERIES = """
UPDATE series SET
    title = :title, size_label = :size_label, runtime_title = :runtime_title, variant_label = :variant_label
WHERE series_id = :series_id
"""
ADD_SESSION = """
INSERT INTO session (
    machine_id, started_at, finished_at, seed, commit_id, is_dirty, is_default_suite, sources_digest, size, load_before,
    wall_ns, programs_ns, build_ns, seqbench_version, system, host
) VALUES (
    :machine_id, :started_at, :finished_at, :seed, :commit_id, :is_dirty, :is_default_suite, :sources_digest, :size,
    :load_before, :wall_ns, :programs_ns, :build_ns, :seqbench_version, :system, :host
)
"""
ADD_SESSION_TOOL = "INSERT INTO session_tool (session_id, tool_id) VALUES (:session_id, :tool_id)"
ADD_PROGRAM = """
INSERT INTO program (
    session_id, series_id, started_at, tool_id, executable_digest, outcome, stage, reason, rounds,
    elapsed_ns, elapsed_low_ns, elapsed_high_ns, judged_rounds, disturbed_rounds, others_share, waiting_share,
    throttled_rounds, throttled_ns
) VALUES (
    :session_id, :series_id, :started_at, :tool_id, :executable_digest, :outcome, :stage, :reason, :rounds,
    :elapsed_ns, :elapsed_low_ns, :elapsed_high_ns, :judged_rounds, :disturbed_rounds, :others_share, :waiting_share,
    :throttled_rounds, :throttled_ns
)
"""
ADD_SAMPLE = """
INSERT INTO sample (
    program_id, round_number, is_warm_up, elapsed_ns, wall_ns, user_ns, system_ns, max_rss_bytes, max_rss_floor_bytes,
    minor_faults, major_faults, voluntary_switches, involuntary_switches, window_ns, machine_busy_ns, machine_steal_ns,
    own_cpu_ns, kernel_threads_ns, pressure_ns, throttled_ns
) VALUES (
    :program_id, :round_number, :is_warm_up, :elapsed_ns, :wall_ns, :user_ns, :system_ns, :max_rss_bytes,
    :max_rss_floor_bytes, :minor_faults, :major_faults, :voluntary_switches, :involuntary_switches, :window_ns,
    :machine_busy_ns, :machine_steal_ns, :own_cpu_ns, :kernel_threads_ns, :pressure_ns, :throttled_ns
)
"""

# The unique index finds the last session of a machine.
MACHINES = """
SELECT identity, COUNT(*) AS sessions, MAX(started_at) AS last_at FROM session JOIN machine USING (machine_id)
WHERE machine_id IN (SELECT machine_id FROM series WHERE is_default_suite)
GROUP BY machine_id ORDER BY last_at DESC, identity
"""
KNOWN = "SELECT DISTINCT benchmark, runtime FROM series WHERE is_default_suite"
SERIES = """
SELECT * FROM series JOIN machine USING (machine_id)
WHERE is_default_suite
    AND (:only = '[]' OR benchmark IN (SELECT value FROM json_each(:only)))
    AND (:runtimes = '[]' OR runtime IN (SELECT value FROM json_each(:runtimes)))
    AND (:machines = '[]' OR identity IN (SELECT value FROM json_each(:machines)))
"""
COUNTS = """
SELECT outcome, COUNT(*) FROM program
WHERE series_id = :series_id AND outcome IN ('measured', 'failed') AND started_at >= :since
GROUP BY outcome
"""
POINTS = """
SELECT
    program.started_at, elapsed_ns, elapsed_low_ns, elapsed_high_ns, rounds,
    judged_rounds, disturbed_rounds, others_share, waiting_share, throttled_rounds, throttled_ns,
    commit_id, is_dirty, sources_digest, session.system, session.host, tool.name AS tool, version, digest
FROM program JOIN session USING (session_id) LEFT JOIN tool ON tool.tool_id = program.tool_id
WHERE series_id = :series_id AND outcome = 'measured' AND program.started_at >= :since
ORDER BY program.started_at DESC LIMIT :limit
"""

SESSIONS = "SELECT session_id, started_at, seed FROM session ORDER BY started_at"
FORGOTTEN = """
SELECT
    commit_id,
    (SELECT COUNT(*) FROM sample JOIN program USING (program_id) WHERE session_id = :session_id) AS samples
FROM session WHERE session_id = :session_id
"""
FORGOTTEN_BENCHMARKS = """
SELECT DISTINCT benchmark FROM program JOIN series USING (series_id) WHERE session_id = :session_id ORDER BY benchmark
"""
# Series, tools and machines without a session go with it.
FORGET = (
    "DELETE FROM sample WHERE program_id IN (SELECT program_id FROM program WHERE session_id = :session_id)",
    "DELETE FROM program WHERE session_id = :session_id",
    "DELETE FROM session_tool WHERE session_id = :session_id",
    "DELETE FROM session WHERE session_id = :session_id",
    "DELETE FROM series WHERE series_id NOT IN (SELECT series_id FROM program)",
    "DELETE FROM tool WHERE tool_id NOT IN (SELECT tool_id FROM session_tool)",
    "DELETE FROM machine WHERE machine_id NOT IN (SELECT machine_id FROM session)",
)
