-- Full text over messages. The words are kept without the text (contentless) and without their places in it (phrases are looked for
-- in the text itself). `rowid` grows with the received time, so that the newest hits come first without sorting: account, then
-- received time in steps of four seconds, then whatever is free next to it. Words of people and subjects carry a mark of their own, so
-- that a search by how they begin looks at few words; of names and addresses the endings are there too.
CREATE VIRTUAL TABLE mail_words USING fts5 (
    subject, sender, recipients, body,
    content = '', contentless_delete = 1, detail = column, tokenize = 'unicode61 remove_diacritics 2'
);

-- Which message a doc stands for. It goes with the message, and the words go with it.
CREATE TABLE mail_docs (
    doc INTEGER PRIMARY KEY,
    message INTEGER NOT NULL UNIQUE REFERENCES messages (row) ON DELETE CASCADE
) STRICT;
CREATE TRIGGER mail_docs_gone AFTER DELETE ON mail_docs BEGIN
    DELETE FROM mail_words WHERE rowid = old.doc;
END;

-- What has to be indexed (anew), in the order of the changes. A number is never used twice: whoever indexed a message takes away the
-- numbers it had read, and a change that came meanwhile stays.
CREATE TABLE unindexed (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL
) STRICT;
CREATE TRIGGER unindexed_new AFTER INSERT ON messages BEGIN
    INSERT INTO unindexed (message) VALUES (new.row);
END;
CREATE TRIGGER unindexed_changed AFTER UPDATE OF subject, from_name, from_address, to_line, cc_line, received ON messages
WHEN old.subject <> new.subject OR old.from_name IS NOT new.from_name OR old.from_address IS NOT new.from_address
    OR old.to_line <> new.to_line OR old.cc_line <> new.cc_line OR old.received <> new.received
BEGIN
    INSERT INTO unindexed (message) VALUES (new.row);
END;
CREATE TRIGGER unindexed_body AFTER INSERT ON bodies BEGIN
    INSERT INTO unindexed (message) VALUES (new.message);
END;
CREATE TRIGGER unindexed_body_moved AFTER UPDATE OF message ON bodies BEGIN
    INSERT INTO unindexed (message) VALUES (old.message), (new.message);
END;
CREATE TRIGGER unindexed_body_gone AFTER DELETE ON bodies
WHEN EXISTS (SELECT 1 FROM messages WHERE row = old.message)
BEGIN
    INSERT INTO unindexed (message) VALUES (old.message);
END;

INSERT INTO unindexed (message) SELECT row FROM messages ORDER BY row;
