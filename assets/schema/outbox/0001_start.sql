-- Changes that wait for the service, and drafts. Nothing in here can be fetched again. Instants are microseconds since 1970 UTC.

CREATE TABLE accounts (
    row INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    object TEXT NOT NULL,
    UNIQUE (tenant, object)
) STRICT;

-- `state`: held, waiting, underWay, done, gone, changedElsewhere, refused, unclear. `first` is the first change of those wanted together.
-- `progress` is written before the call it speaks of is sent.
CREATE TABLE intents (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    first INTEGER NOT NULL,
    session TEXT NOT NULL,
    is_undo INTEGER NOT NULL,
    is_undone INTEGER NOT NULL DEFAULT 0,
    intent TEXT NOT NULL,
    words TEXT NOT NULL,
    made INTEGER NOT NULL,
    state TEXT NOT NULL,
    not_before INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    progress TEXT NOT NULL,
    former TEXT NOT NULL,
    report TEXT,
    ended INTEGER
) STRICT;
CREATE INDEX intents_open ON intents (account, row) WHERE state <> 'done';
CREATE INDEX intents_of_session ON intents (account, session, row);

-- `mark` names the draft to the service, for ever. `version` is that of our copy there. A thrown-away draft stays until its end is
-- certain.
CREATE TABLE drafts (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    mark TEXT NOT NULL UNIQUE,
    made INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    draft TEXT NOT NULL,
    on_service TEXT,
    version TEXT,
    may_be_on_service INTEGER NOT NULL DEFAULT 0,
    is_sending INTEGER NOT NULL DEFAULT 0,
    is_discarded INTEGER NOT NULL DEFAULT 0
) STRICT;
