"""Runs one script: its code and arguments come as JSON on file descriptor 3, its input on stdin."""
import json
import linecache
import os
import sys
import traceback


def main():
    with open(3, encoding="utf-8") as pipe:
        job = json.load(pipe)
    code = job["code"]
    # The script's own folder takes the place of this file's, so that it can import what lies beside it.
    sys.path[0] = os.getcwd()
    sys.argv = ["script.py"]
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    module.__dict__.update(job["arguments"])
    # Without this a traceback could not quote the script's lines: there is no such file.
    linecache.cache["script.py"] = (len(code), None, code.splitlines(True), "script.py")
    try:
        exec(compile(code, "script.py", "exec"), module.__dict__)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        frames = error.__traceback__
        # This file's own frame is of no use to the author of the script.
        error.__traceback__ = frames.tb_next if frames is not None else None
        traceback.print_exception(type(error), error, error.__traceback__)
        sys.exit(1)


main()
