"""One file a library: `prepare(workload, inputs)` gives a function without arguments that does the work once and returns when it is done."""
