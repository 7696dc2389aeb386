-- What keeping in step needs beside cursors.

-- Rows of the service that could not be read since the last full round; the doctor tells.
ALTER TABLE cursors ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;

-- Kept in step beside the main calendar because somebody wants to see it.
ALTER TABLE calendars ADD COLUMN is_shown INTEGER NOT NULL DEFAULT 0;

-- Stretches outside the calendar's window that were looked at and read as a plain view: their events stay when a full round ends.
CREATE TABLE event_spans (
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    calendar TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    PRIMARY KEY (account, calendar, starts, ends)
) STRICT, WITHOUT ROWID;

-- The mailbox's own list of categories; items may carry names that are not in it.
CREATE TABLE categories (
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    name TEXT NOT NULL,
    colour INTEGER,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
