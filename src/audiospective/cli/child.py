"""A process of `up`'s own: `python -m audiospective.cli.child PARENT MODULE ARGUMENTS…` runs the module, tied to the parent.

It ends when the parent ends, however that ends. Ctrl-C reaches every process of the terminal; this one leaves it to the
parent, who stops its children one after the other.
"""

from __future__ import annotations

import runpy
import signal
import sys

from audiospective.infra.processes import end_with, starting


def main() -> None:
    """Tie this process to its parent, then become the module, which says when it has started."""
    parent, module = int(sys.argv[1]), sys.argv[2]
    end_with(parent)
    starting()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # ignoring wouldn't do: servers install handlers of their own
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
