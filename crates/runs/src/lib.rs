//! The run store and its rules: start, claim, lease, items, event log, audit.
