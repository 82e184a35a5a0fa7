-- name: name
-- Who has a role; whoever had it before hasn't.
INSERT INTO ops_team (role, name, contact_sealed, zone, named_at) VALUES (%(role)s, %(name)s, %(contact)s, %(zone)s, %(now)s)
ON CONFLICT (role) DO UPDATE SET name = excluded.name, contact_sealed = excluded.contact_sealed, zone = excluded.zone, named_at = excluded.named_at;

-- name: all
-- Every role that somebody has.
SELECT t.role, t.name, t.contact_sealed, t.zone, t.named_at FROM ops_team t ORDER BY t.role;

-- name: holder
-- Who has this role.
SELECT t.name FROM ops_team t WHERE t.role = %(role)s;

-- name: seal_again
-- A contact under the first secret.
UPDATE ops_team SET contact_sealed = %(contact)s WHERE role = %(role)s AND contact_sealed = %(before)s;
