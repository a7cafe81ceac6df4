CREATE TEMP TABLE quiet AS WITH RECURSIVE number(n) AS (SELECT @FIRST UNION ALL
    SELECT n + 1 FROM number WHERE n + 1 < @END)
  SELECT n, (SELECT id FROM organisation LIMIT 1) AS organisation_id,
    randomblob(16) AS circle_id, randomblob(16) AS task_id FROM number;
INSERT INTO circle (organisation_id, id, nature_name, state, zone, area, quiet_mail,
    created_at, state_changed_at) SELECT organisation_id, circle_id, 'Quiet ' || n, 'active',
    'Europe/London', 'Area ' || (n % 40), 0, 1790000000, 1790000000 FROM quiet;
CREATE TEMP TABLE member AS SELECT q.*, m.column1 AS role, m.column2 AS nth,
    randomblob(16) AS membership_id, randomblob(16) AS person_id FROM quiet q
    JOIN (VALUES ('patient', 1), ('carer', 2), ('friend', 3)) m;
INSERT INTO person SELECT m.organisation_id, m.person_id, p.name, p.email, p.email_index,
    p.phone, @PERSON FROM member m JOIN (SELECT * FROM person LIMIT 1) p;
INSERT INTO membership (organisation_id, id, circle_id, person_id, role, state, lead, named_at,
    named_nth, accepted_at) SELECT organisation_id, membership_id, circle_id, person_id, role,
    'active', role = 'carer', 1790000000, nth, 1790000000 FROM member;
INSERT INTO task (organisation_id, id, circle_id, kind, places, first_date, start_time, minutes,
    repeat, left_out, series, discloses_address, discloses_entry, if_nobody, state, rolled_to,
    created_at, revision) SELECT q.organisation_id, q.task_id, q.circle_id, 'visit', 1,
    '2026-11-02', '14:00', 60, @REPEAT, '', 0, 0, 0, 'fine', 'active', '2027-02-15',
    1790000000, 0 FROM quiet q;
CREATE TEMP TABLE dated AS SELECT q.*, s.column1 AS week, randomblob(16) AS slot_id,
    1795528800 + s.column1 * 604800 AS starts_at FROM quiet q
    JOIN (VALUES (1), (2), (3), (4)) s;
INSERT INTO slot (organisation_id, id, circle_id, task_id, series, made_for, local_date,
    starts_at, ends_at, places, taken, state, revision) SELECT organisation_id, slot_id,
    circle_id, task_id, 0, DATE(starts_at, 'unixepoch'), DATE(starts_at, 'unixepoch'),
    starts_at, starts_at + 3600, 1, week < 3, 'open', 0 FROM dated;
INSERT INTO claim (organisation_id, id, circle_id, slot_id, membership_id, person_id, state,
    generation, claimed_at, changed_at, plan_at) SELECT d.organisation_id, randomblob(16),
    d.circle_id, d.slot_id, m.membership_id, m.person_id, 'claimed', 0, 1790000000, 1790000000,
    d.starts_at - 151200 FROM dated d JOIN member m ON m.circle_id = d.circle_id
    AND m.role = 'friend' WHERE d.week < 3;
INSERT INTO outbox (organisation_id, id, kind, dedupe, person_id, circle_id, detail, due_at,
    useful_until, state, attempts, next_at, created_at, changed_at)
  SELECT m.organisation_id, randomblob(16), 'told', 'quiet:' || m.role || ':' || m.n,
    m.person_id, m.circle_id, '{}', at, at + 86400,
    CASE WHEN m.role = 'patient' THEN 'planned' ELSE 'sent' END, 0, at, 1790000000, 1790000000
  FROM (SELECT *, CASE WHEN role = 'patient' THEN 1810000000 ELSE 1790000000 END AS at
    FROM member) m;
DROP TABLE dated; DROP TABLE member; DROP TABLE quiet;
