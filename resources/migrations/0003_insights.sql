-- Version 3: what an answer read, step by step. The format of `trace` has a version of its own: app/trace_blob.h.

CREATE TABLE message_traces (
  message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
  trace BLOB NOT NULL
) STRICT;
