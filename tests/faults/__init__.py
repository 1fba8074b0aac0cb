"""Crash tests: real processes, killed and starved at random moments under load, and an auditor afterwards.

    make faults     what CI runs, apart from the quick suite
    make soak       the same with SOAK=10 times the kills (or another number)

Each test is seeded; SEED=7 tries another one. PATIENCE=9 waits three times as long as usual before it gives up.
"""
