UPDATE claim SET plan_at = NULL;
CREATE TEMP TABLE place AS SELECT ROW_NUMBER() OVER (ORDER BY m.id) - 1 AS n,
  m.organisation_id, m.circle_id, m.id AS membership_id, m.person_id,
  (SELECT t.id FROM task t WHERE t.circle_id = m.circle_id AND t.places > 0
    AND t.if_nobody <> 'must' LIMIT 1) AS task_id
  FROM membership m JOIN person p ON p.id = m.person_id JOIN circle c ON c.id = m.circle_id
  WHERE p.email IS NOT NULL AND NOT p.mail_confirms AND c.state = 'active'
    AND m.role <> 'patient' AND EXISTS (SELECT 1 FROM task t WHERE t.circle_id = m.circle_id
      AND t.places > 0 AND t.if_nobody <> 'must');
CREATE TEMP TABLE promise AS WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL
    SELECT n + 1 FROM number WHERE n < 9999)
  SELECT number.n AS n, place.*, randomblob(16) AS slot_id, randomblob(16) AS claim_id,
    1795510800 + (number.n % 600) * 60 AS starts_at
  FROM number JOIN place ON place.n = number.n % (SELECT COUNT(*) FROM place);
INSERT INTO slot (organisation_id, id, circle_id, task_id, series, made_for, local_date,
    starts_at, ends_at, places, taken, state, revision)
  SELECT organisation_id, slot_id, circle_id, task_id, 1000 + n, '2026-11-24', '2026-11-24',
    starts_at, starts_at + 3600, 1, 1, 'open', 0 FROM promise;
INSERT INTO claim (organisation_id, id, circle_id, slot_id, membership_id, person_id, state,
    generation, claimed_at, changed_at, plan_at)
  SELECT organisation_id, claim_id, circle_id, slot_id, membership_id, person_id, 'claimed', 0,
    1795341600, 1795341600, 1795428000 FROM promise;
