"""The benchmarks run, agree and say what they found; how fast anything is, no test asserts."""
