-- name: give_up
-- Nobody works on it and nobody will: no job of it waits or runs, and whoever typed it has ended long since.
UPDATE imports i SET state = 'failed', message = %(message)s, finished_at = %(now)s
WHERE i.state IN ('queued', 'running') AND i.requested_at <= %(before)s AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs j
    WHERE j.task_name = 'run_import' AND j.args @> jsonb_build_object('import_id', i.id) AND j.status IN ('todo', 'doing')
);
