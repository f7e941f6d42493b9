"""What the triggers have done: plan, perform, deliver what is pending, report, say how things stand.

    timer --planning--> queue --performing--> a round of one target and check --> ledger --> channels
                          |                                                        ^  |         ^
                          +-- given up too often: monitor.gather_failed -----------+  +-pending-+

Azure scales this out, and repeats what has failed: nothing here schedules, locks or balances. Whatever is done twice,
even at once, changes nothing the second time (the ledger's versions see to that). Where there is no such host,
serving.py takes its place, with timetable.py for its timers and memory_queue.py for its queue.
"""
