-- What /status shows: how often each service was well, by day, and what went wrong for people.

CREATE TABLE status_days (
    day date NOT NULL,                               -- UTC
    service text NOT NULL,
    looks int NOT NULL,
    healthy int NOT NULL,
    PRIMARY KEY (day, service)
);

CREATE TABLE incidents (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 4),
    title text NOT NULL,
    opened_at timestamptz NOT NULL,
    opened_by text NOT NULL,
    resolved_at timestamptz
);

CREATE TABLE incident_updates (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id int NOT NULL REFERENCES incidents,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    stage text NOT NULL CHECK (stage IN ('investigating', 'identified', 'monitoring', 'resolved', 'note')),
    said text NOT NULL                               -- 'note' is for operators alone
);
CREATE INDEX incident_updates_by_incident ON incident_updates (incident_id, id);

CREATE TABLE incident_actions (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id int NOT NULL REFERENCES incidents,
    said text NOT NULL,
    owner text NOT NULL,
    due date NOT NULL
);
