-- An export of deskbell: form 1. Read it with anything that reads SQLite, also while an export is being written.
--
-- Instants are text in UTC, `2026-11-23T09:06:12Z`; dates of all-day events are `2026-11-23`, their end exclusive. Lists are JSON.
-- Flags are 0 or 1. Every row belongs to an account (a person's mailbox, or a mailbox of a service).
-- `first_seen` and `changed` are instants of exports. A row that is no longer in the mailbox stays, with `gone` set to the export that
-- missed it; it is cleared if the row comes back. Later forms add columns and tables; they rename and remove none.

-- What this file is: form, program, and the instant of the last export.
CREATE TABLE about (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    account INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    object TEXT NOT NULL,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL, -- work, personal, service
    exported TEXT NOT NULL, -- the last export
    mail_as_of TEXT, -- when the folders were last in step with the service
    calendar_as_of TEXT,
    calendar_from TEXT, -- the window of events that is kept
    calendar_to TEXT,
    UNIQUE (tenant, object)
) STRICT;

CREATE TABLE folders (
    account INTEGER NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
    id TEXT NOT NULL,
    parent TEXT,
    name TEXT NOT NULL,
    role TEXT, -- inbox, drafts, sent, archive, deleted, junk
    total INTEGER NOT NULL, -- as the service counts
    unread INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    changed TEXT NOT NULL,
    gone TEXT,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    account INTEGER NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
    id TEXT NOT NULL, -- immutable: it survives a move
    folder TEXT NOT NULL,
    conversation TEXT NOT NULL,
    received TEXT NOT NULL,
    subject TEXT NOT NULL,
    from_name TEXT,
    from_address TEXT,
    to_line TEXT NOT NULL, -- JSON, [name, address] each
    cc_line TEXT NOT NULL,
    is_read INTEGER NOT NULL,
    is_flagged INTEGER NOT NULL,
    is_draft INTEGER NOT NULL,
    importance TEXT NOT NULL, -- low, normal, high
    has_attachments INTEGER NOT NULL,
    meeting TEXT, -- request, cancelled, response
    categories TEXT NOT NULL, -- JSON
    preview TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    changed TEXT NOT NULL,
    gone TEXT,
    PRIMARY KEY (account, id)
) STRICT;
CREATE INDEX messages_by_date ON messages (account, received);

-- Only with --bodies, and only of messages whose body is on this computer.
CREATE TABLE bodies (
    account INTEGER NOT NULL,
    message TEXT NOT NULL,
    kind TEXT NOT NULL, -- html, text: as it came, of a stranger
    content TEXT NOT NULL,
    PRIMARY KEY (account, message),
    FOREIGN KEY (account, message) REFERENCES messages (account, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE events (
    account INTEGER NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
    id TEXT NOT NULL, -- of this instance; each occurrence of a series is a row
    calendar TEXT NOT NULL,
    series TEXT,
    is_all_day INTEGER NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    subject TEXT NOT NULL,
    show_as TEXT,
    location TEXT NOT NULL,
    is_cancelled INTEGER NOT NULL,
    is_private INTEGER NOT NULL,
    is_organizer INTEGER NOT NULL,
    response TEXT NOT NULL,
    organizer_name TEXT,
    organizer_address TEXT,
    attendees TEXT NOT NULL, -- JSON
    join_url TEXT,
    categories TEXT NOT NULL, -- JSON
    preview TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    changed TEXT NOT NULL,
    gone TEXT,
    PRIMARY KEY (account, id)
) STRICT;
CREATE INDEX events_by_start ON events (account, starts);

CREATE TABLE people (
    account INTEGER NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    job_title TEXT,
    department TEXT,
    office TEXT,
    phones TEXT NOT NULL, -- JSON
    as_of TEXT NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- Out of office as it was observed: a row whenever what an automatic reply said differed from the time before. An empty message is
-- the knowledge that there was none. What happened between two looks is not known.
CREATE TABLE automatic_replies (
    account INTEGER NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
    address TEXT NOT NULL COLLATE NOCASE,
    observed TEXT NOT NULL,
    message TEXT NOT NULL,
    starts TEXT,
    ends TEXT,
    PRIMARY KEY (account, address, observed)
) STRICT, WITHOUT ROWID;
