-- What events are found by: subject, place and people in small letters without accents, apart from the rest of the rows, so that
-- looking for words reads little. Written with the event; `starts` is as in `events`.
CREATE TABLE event_texts (
    event INTEGER PRIMARY KEY REFERENCES events (row) ON DELETE CASCADE,
    account INTEGER NOT NULL,
    is_all_day INTEGER NOT NULL,
    starts INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
