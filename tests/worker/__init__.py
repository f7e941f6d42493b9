"""The Functions worker that runs in Azure, driven as the Functions host drives it: the tests of `functions/`.

`Worker` starts the real worker library in a process of its own, with settings and an app of its own, and invokes
functions with the host's real messages; `QueueHost` does for a queue what the host's queue trigger does. What only the
host can do is not here: timers do not fire by themselves, and `%SETTINGS%` in bindings are not resolved.
"""
