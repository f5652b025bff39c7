"""What scripts/bench runs: workloads, contenders, interleaved measurement, and reports.

workloads/     one file a family: the declaration, hand-written NumPy, the formula for array libraries
peers/         one file a library: how it is given a workload
contenders.py  which contenders there are, and the worker process of each
measure.py     checks results, then times the contenders in turn
"""
