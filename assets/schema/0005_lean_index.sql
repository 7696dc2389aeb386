-- A leaner index, and bodies that are packed better.

-- Which message a doc stands for was and stays; the words are kept in one column without any place in it. What a word belongs to is
-- said by a mark before it (see `domain::query`), so that also beginnings and parts of names are whole words, found without
-- gathering all that begin alike.
DROP TRIGGER mail_docs_gone;
DROP TABLE mail_words;
CREATE VIRTUAL TABLE mail_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 2'
);
-- A batch is gathered whole before it is written.
INSERT INTO mail_words (mail_words, rank) VALUES ('hashsize', 4194304);
-- A header is indexed before its body is here, so most first words of a fresh mailbox are soon deleted: that alone is no reason to
-- write everything anew.
INSERT INTO mail_words (mail_words, rank) VALUES ('deletemerge', 80);
INSERT INTO mail_words (mail_words, rank) VALUES ('automerge', 8);
DELETE FROM mail_docs;
CREATE TRIGGER mail_docs_gone AFTER DELETE ON mail_docs BEGIN
    DELETE FROM mail_words WHERE rowid = old.doc;
END;

-- What has to be indexed (anew): each message once, however often it changed. `change` is different for each change: whoever indexed
-- a message takes the row away only if it is the one that was read, so a change that came meanwhile stays.
DROP TRIGGER unindexed_new;
DROP TRIGGER unindexed_changed;
DROP TRIGGER unindexed_body;
DROP TRIGGER unindexed_body_moved;
DROP TRIGGER unindexed_body_gone;
DROP TABLE unindexed;
CREATE TABLE unindexed (
    message INTEGER PRIMARY KEY,
    change INTEGER NOT NULL
) STRICT;
CREATE TRIGGER unindexed_new AFTER INSERT ON messages BEGIN
    INSERT INTO unindexed (message, change) VALUES (new.row, random())
        ON CONFLICT (message) DO UPDATE SET change = excluded.change;
END;
CREATE TRIGGER unindexed_changed AFTER UPDATE OF subject, from_name, from_address, to_line, cc_line, received ON messages
WHEN old.subject <> new.subject OR old.from_name IS NOT new.from_name OR old.from_address IS NOT new.from_address
    OR old.to_line <> new.to_line OR old.cc_line <> new.cc_line OR old.received <> new.received
BEGIN
    INSERT INTO unindexed (message, change) VALUES (new.row, random())
        ON CONFLICT (message) DO UPDATE SET change = excluded.change;
END;
CREATE TRIGGER unindexed_body AFTER INSERT ON bodies BEGIN
    INSERT INTO unindexed (message, change) VALUES (new.message, random())
        ON CONFLICT (message) DO UPDATE SET change = excluded.change;
END;
CREATE TRIGGER unindexed_body_moved AFTER UPDATE OF message ON bodies BEGIN
    INSERT INTO unindexed (message, change) VALUES (old.message, random()), (new.message, random())
        ON CONFLICT (message) DO UPDATE SET change = excluded.change;
END;
CREATE TRIGGER unindexed_body_gone AFTER DELETE ON bodies
WHEN EXISTS (SELECT 1 FROM messages WHERE row = old.message)
BEGIN
    INSERT INTO unindexed (message, change) VALUES (old.message, random())
        ON CONFLICT (message) DO UPDATE SET change = excluded.change;
END;
INSERT INTO unindexed (message, change) SELECT row, random() FROM messages;

-- `packing` names how: 0 as before, 1 with the first dictionary.
ALTER TABLE bodies RENAME COLUMN deflated TO packed;
ALTER TABLE bodies ADD COLUMN packing INTEGER NOT NULL DEFAULT 0;
