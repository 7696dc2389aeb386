-- The first cache. Instants are microseconds since 1970 UTC; dates of all-day events are their UTC midnights; lists are JSON.
-- Everything hangs on an account, and an account's rows go with it.

CREATE TABLE accounts (
    row INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    object TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT 'work',
    granted TEXT NOT NULL DEFAULT '',
    me TEXT,
    UNIQUE (tenant, object)
) STRICT;

-- What the program remembers beside anybody's mailbox, such as the look of the terminal.
CREATE TABLE memory (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Where each area stands. A link moves only together with the rows it stands for. While `is_within` the link is the next page of a
-- round, else it is where the next round begins. Rows of a full round carry `generation`; at its end older ones are gone.
CREATE TABLE cursors (
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    link TEXT,
    is_within INTEGER NOT NULL,
    is_full INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    window_start INTEGER,
    window_end INTEGER,
    as_of INTEGER,
    PRIMARY KEY (account, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE folders (
    row INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    id TEXT NOT NULL,
    parent TEXT,
    name TEXT NOT NULL,
    role TEXT,
    total INTEGER NOT NULL,
    unread INTEGER NOT NULL,
    hidden INTEGER NOT NULL,
    cached INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, id)
) STRICT;

-- A message that moved lies in two folders until both have told their half; so the id is unique per folder only.
CREATE TABLE messages (
    row INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    folder INTEGER NOT NULL REFERENCES folders (row) ON DELETE CASCADE,
    received INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    id TEXT NOT NULL,
    is_read INTEGER NOT NULL,
    is_flagged INTEGER NOT NULL,
    importance TEXT NOT NULL,
    has_attachments INTEGER NOT NULL,
    is_draft INTEGER NOT NULL,
    meeting TEXT,
    subject TEXT NOT NULL,
    from_name TEXT,
    from_address TEXT,
    preview TEXT NOT NULL,
    conversation TEXT NOT NULL,
    to_line TEXT NOT NULL,
    cc_line TEXT NOT NULL,
    categories TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_id ON messages (account, id, folder);
CREATE INDEX messages_by_date ON messages (folder, received);

-- How many messages of a folder were received in each stretch of 2^38 microseconds (about three days): ranks without counting.
CREATE TABLE message_blocks (
    folder INTEGER NOT NULL REFERENCES folders (row) ON DELETE CASCADE,
    block INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (folder, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE bodies (
    message INTEGER PRIMARY KEY REFERENCES messages (row) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    deflated BLOB NOT NULL
) STRICT;

CREATE TABLE attachments (
    message INTEGER NOT NULL REFERENCES bodies (message) ON DELETE CASCADE ON UPDATE CASCADE,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    is_inline INTEGER NOT NULL,
    PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE calendars (
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    is_default INTEGER NOT NULL,
    can_edit INTEGER NOT NULL,
    owner_name TEXT,
    owner_address TEXT,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- `is_long` marks what lasts longer than a day: a window need look back one day only for the rest.
CREATE TABLE events (
    row INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    calendar TEXT NOT NULL,
    series TEXT,
    is_all_day INTEGER NOT NULL,
    is_long INTEGER NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    subject TEXT NOT NULL,
    show_as TEXT,
    location TEXT NOT NULL,
    preview TEXT NOT NULL,
    is_cancelled INTEGER NOT NULL,
    is_private INTEGER NOT NULL,
    is_organizer INTEGER NOT NULL,
    response TEXT NOT NULL,
    organizer_name TEXT,
    organizer_address TEXT,
    attendees TEXT NOT NULL,
    join_url TEXT,
    web_link TEXT,
    categories TEXT NOT NULL,
    importance TEXT NOT NULL,
    has_attachments INTEGER NOT NULL,
    UNIQUE (account, id)
) STRICT;
CREATE INDEX events_by_start ON events (account, is_all_day, is_long, starts);
CREATE INDEX events_by_series ON events (account, series) WHERE series IS NOT NULL;

CREATE TABLE people (
    row INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    job_title TEXT,
    department TEXT,
    office TEXT,
    phones TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    UNIQUE (account, id)
) STRICT;
CREATE INDEX people_by_address ON people (account, address COLLATE NOCASE);

-- The words of names and addresses, in lower case, for completion by prefix.
CREATE TABLE people_words (
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    word TEXT NOT NULL,
    person INTEGER NOT NULL REFERENCES people (row) ON DELETE CASCADE,
    PRIMARY KEY (account, word, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_words_by_person ON people_words (person);

-- Who reports to whom, as lists that were read as a whole (an empty list is knowledge too).
CREATE TABLE relations (
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    person TEXT NOT NULL,
    relation TEXT NOT NULL,
    others TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    PRIMARY KEY (account, person, relation)
) STRICT, WITHOUT ROWID;

CREATE TABLE presence (
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    person TEXT NOT NULL,
    availability TEXT NOT NULL,
    activity TEXT NOT NULL,
    status_message TEXT NOT NULL,
    is_out_of_office INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE automatic_replies (
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    address TEXT NOT NULL COLLATE NOCASE,
    message TEXT NOT NULL,
    starts INTEGER,
    ends INTEGER,
    as_of INTEGER NOT NULL,
    PRIMARY KEY (account, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedules (
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    address TEXT NOT NULL COLLATE NOCASE,
    window_start INTEGER NOT NULL,
    window_end INTEGER NOT NULL,
    blocks TEXT,
    error TEXT,
    view TEXT NOT NULL,
    view_minutes INTEGER NOT NULL,
    working_hours TEXT,
    as_of INTEGER NOT NULL,
    PRIMARY KEY (account, address, window_start, window_end)
) STRICT, WITHOUT ROWID;
