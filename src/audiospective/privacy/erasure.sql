-- name: belongings
-- What is about to go, for the person's own records; plays are counted by their remover.
SELECT
    (SELECT count(*) FROM shares h WHERE h.user_id = %(user)s)::int AS shares,
    (SELECT count(*) FROM imports i WHERE i.user_id = %(user)s)::int AS imports,
    (SELECT count(*) FROM personal_tokens t WHERE t.user_id = %(user)s)::int AS personal_tokens,
    (SELECT count(*) FROM sessions s WHERE s.user_id = %(user)s)::int AS sessions,
    (SELECT count(*) FROM grants g WHERE g.user_id = %(user)s)::int AS permissions,
    (SELECT count(*) FROM people p WHERE p.id = %(user)s)::int AS person;
