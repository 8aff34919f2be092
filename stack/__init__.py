"""The local stack: real servers and small stand-ins that look like a hosted project. Development and tests only.

Start at `stack.instance`: `Stack` starts and stops a named stack, `StackEnv` is what it prints. `stack.worlds` makes a
database of its own for a test.
"""
