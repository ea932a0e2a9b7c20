-- Version 1: conversations, their messages as a tree, what each answer cost, and the text index.
-- One statement a paragraph: the program splits this file at blank lines, because a trigger holds semicolons.

-- "Fove" in ASCII, so that the program knows its own files.
PRAGMA application_id = 1181709925;

-- The head is the last message of the branch that is shown. Deleting it leaves the conversation without one.
CREATE TABLE conversations (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  title TEXT NOT NULL DEFAULT '',
  title_is_manual INTEGER NOT NULL DEFAULT 0 CHECK (title_is_manual IN (0, 1)),
  head_message_id INTEGER REFERENCES messages (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  created_at INTEGER NOT NULL,  -- milliseconds since 1970, UTC
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER            -- set: hidden, gone at the next start
) STRICT;

CREATE INDEX conversations_by_head ON conversations (head_message_id) WHERE head_message_id IS NOT NULL;

-- A parent lies in the same conversation. A message with answers cannot be deleted alone: no CASCADE along parent_id,
-- because SQLite stops such a cascade 1,000 levels deep; deferred, so that a whole conversation goes in one statement.
CREATE TABLE messages (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  parent_id INTEGER,
  role TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant')),
  state TEXT NOT NULL CHECK (state IN ('complete', 'streaming', 'stopped', 'interrupted', 'failed')),
  text TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  model_name TEXT NOT NULL DEFAULT '',
  mode TEXT NOT NULL DEFAULT '',
  dropped_messages INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  UNIQUE (conversation_id, id),
  FOREIGN KEY (conversation_id, parent_id) REFERENCES messages (conversation_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX messages_by_parent ON messages (conversation_id, parent_id);

CREATE INDEX messages_streaming ON messages (id) WHERE state = 'streaming';

-- What a finished answer cost: engine/telemetry.h names and explains the fields. The two arrays are JSON, by draft
-- position.
CREATE TABLE message_statistics (
  message_id INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
  prompt_tokens INTEGER NOT NULL,
  prefilled_tokens INTEGER NOT NULL,
  generated_tokens INTEGER NOT NULL,
  prefill_seconds REAL NOT NULL,
  time_to_first_token_seconds REAL NOT NULL,
  decode_seconds REAL NOT NULL,
  steps INTEGER NOT NULL,
  proposed INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  kv_entries_read INTEGER NOT NULL,
  kv_entries_dense INTEGER NOT NULL,
  draft_kv_entries_read INTEGER NOT NULL,
  attention_mass_kept REAL NOT NULL,
  draft_seconds REAL NOT NULL,
  verify_seconds REAL NOT NULL,
  sample_seconds REAL NOT NULL,
  proposed_at TEXT NOT NULL DEFAULT '[]',
  accepted_at TEXT NOT NULL DEFAULT '[]'
) STRICT;

-- The text index holds every message that is not being written: a streaming answer enters it once, at its end.
CREATE VIEW searchable_messages AS SELECT id, text FROM messages WHERE state <> 'streaming';

CREATE VIRTUAL TABLE messages_fts USING fts5 (
  text, content = 'searchable_messages', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER messages_fts_insert AFTER INSERT ON messages WHEN new.state <> 'streaming'
BEGIN
  INSERT INTO messages_fts (rowid, text) VALUES (new.id, new.text);
END;

CREATE TRIGGER messages_fts_delete AFTER DELETE ON messages WHEN old.state <> 'streaming'
BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', old.id, old.text);
END;

CREATE TRIGGER messages_fts_update AFTER UPDATE OF text, state ON messages
BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, text)
    SELECT 'delete', old.id, old.text WHERE old.state <> 'streaming';
  INSERT INTO messages_fts (rowid, text)
    SELECT new.id, new.text WHERE new.state <> 'streaming';
END;
