"""The commands of `python -m bot`, a file for each topic; `bot/__main__.py` lists them.

    serve      run, web, worker, sender
    trial      sandbox, preview
    storage    migrate, backup, restore
    authoring  check, understand, report reading
    programme  import-sessions, cancel-session, links, report quiz
    process    the app in a process, its port, its signals, its end
    logs       where log lines go
    parts      settings, an end with one line that says why, a database brought up to date

May be imported by: `bot/__main__.py` alone. May import everything.
"""
