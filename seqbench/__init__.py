"""seqbench: builds, runs, checks and compares concurrency benchmarks of Seq against other runtimes."""
