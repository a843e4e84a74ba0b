"""The audit trail as people read it: pages, REST, export, verification as a job.

It stands above access and jobs, which themselves write to the journal; the journal (core.audit) stands below them.
"""
