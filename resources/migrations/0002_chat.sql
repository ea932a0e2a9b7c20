-- Version 2: branches that can be deleted and brought back, answers that can be continued, chats that are pinned,
-- archived or have a system prompt of their own, and titles in a text index.

-- The id of the message that was deleted, on it and on all below it: hidden, gone at the next start.
ALTER TABLE messages ADD COLUMN deleted_with INTEGER;

-- The answer ended at its limit of tokens, not because the model was done.
ALTER TABLE messages ADD COLUMN cut_at_limit INTEGER NOT NULL DEFAULT 0 CHECK (cut_at_limit IN (0, 1));

ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));

ALTER TABLE conversations ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));

-- NULL: the one of the settings.
ALTER TABLE conversations ADD COLUMN system_prompt TEXT;

CREATE INDEX messages_deleted ON messages (deleted_with) WHERE deleted_with IS NOT NULL;

CREATE VIRTUAL TABLE titles_fts USING fts5 (
  title, content = 'conversations', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

INSERT INTO titles_fts (titles_fts) VALUES ('rebuild');

CREATE TRIGGER titles_fts_insert AFTER INSERT ON conversations
BEGIN
  INSERT INTO titles_fts (rowid, title) VALUES (new.id, new.title);
END;

CREATE TRIGGER titles_fts_delete AFTER DELETE ON conversations
BEGIN
  INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.id, old.title);
END;

CREATE TRIGGER titles_fts_update AFTER UPDATE OF title ON conversations
BEGIN
  INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.id, old.title);
  INSERT INTO titles_fts (rowid, title) VALUES (new.id, new.title);
END;
