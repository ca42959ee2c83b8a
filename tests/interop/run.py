#!/usr/bin/python3
"""Runs the interop tests: fedgate against Prosody, SIPp and Kamailio as Debian ships them.

Everything happens inside one private network and mount namespace (only loopback, its own
resolv.conf), so that real servers can sit on their real ports without touching the machine.

    run.py [-v] [--only NAME] [names of tests]
"""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
MARK = "FEDGATE_LAB_NAMESPACE"


def enter_namespace():
    """Starts this program again inside namespaces of its own."""
    flags = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        flags = ["--user", "--map-root-user"] + flags
    env = dict(os.environ, **{MARK: "1"})
    os.execvpe("unshare", ["unshare", *flags, "/usr/bin/python3", os.path.abspath(__file__),
                           *sys.argv[1:]], env)


def main():
    if os.environ.get(MARK) != "1":
        enter_namespace()
    sys.path.insert(0, HERE)
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), "rest"))
    args = sys.argv[1:]
    pattern = "test_*.py"
    if "--only" in args:
        at = args.index("--only")
        pattern = f"test_{args[at + 1]}.py"
        del args[at:at + 2]
    import lab
    lab.prepare_namespace()
    verbosity = 2 if "-v" in args else 1
    names = [a for a in args if not a.startswith("-")]
    loader = unittest.TestLoader()
    suite = (loader.loadTestsFromNames(names) if names
             else loader.discover(HERE, pattern=pattern, top_level_dir=HERE))
    result = unittest.TextTestRunner(verbosity=verbosity).run(suite)
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)


if __name__ == "__main__":
    main()
