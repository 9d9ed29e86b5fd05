-- Pension paid for whole months inside, less what was recovered: hits with every row that they rest on.
-- Stays that touch or overlap are one stretch; the months outside prison count for nothing.
CREATE OR REPLACE TEMP TABLE stretch AS
SELECT person_id, MIN(f) AS f, MAX(l) AS l
FROM (SELECT *, SUM(fresh) OVER (PARTITION BY person_id ORDER BY f, l) AS number
      FROM (SELECT *, CASE WHEN f <= MAX(l) OVER (PARTITION BY person_id ORDER BY f, l
                                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + 1
                           THEN 0 ELSE 1 END AS fresh
            FROM (SELECT person_id, admitted_on AS f, coalesce(released_on - 1, $as_of) AS l FROM custody_stay)
            WHERE f <= l))
GROUP BY person_id, number;
CREATE OR REPLACE TEMP TABLE month_inside AS
SELECT p._row AS r, p.person_id, p.agency, p.month, p.amount, s.f, s.l,
  p.month >= s.f AND last_day(p.month) <= s.l
    AND NOT EXISTS (FROM outside_execution AS o WHERE o.person_id = p.person_id
                    AND o.outside_from <= last_day(p.month) AND coalesce(o.outside_to, $as_of) >= p.month)
    AND NOT EXISTS (FROM community_correction AS c WHERE c.person_id = p.person_id
                    AND c.kind IN ('假释', '暂予监外执行')
                    AND c.started_on <= last_day(p.month) AND coalesce(c.ended_on, $as_of) >= p.month) AS counts
FROM pension_payment AS p JOIN stretch AS s
  ON s.person_id = p.person_id AND p.month <= s.l AND last_day(p.month) >= s.f
WHERE p.scheme = '企业职工' AND (p.item IS NULL OR p.item IN ('基本养老金', '补发', '冲减')) AND p.month >= DATE '2001-03-08';
CREATE OR REPLACE TEMP TABLE back AS
SELECT r._row AS r, r.person_id, r.amount, s.f, s.l
FROM pension_recovery AS r JOIN stretch AS s
  ON s.person_id = r.person_id AND r.month_from <= s.l AND r.month_to >= s.f;
CREATE OR REPLACE TEMP TABLE hit AS
SELECT ROW_NUMBER() OVER (ORDER BY c.person_id, i.f, c._row) AS n, c.person_id, c.person_name, c.place, c._row AS r,
  i.f AS began_on, i.payments, i.overpaid - coalesce(b.amount, 0) AS amount, i.agency, i.first_month, i.last_month
FROM (SELECT person_id, f, l, MAX(agency) AS agency, COUNT(*) FILTER (WHERE counts AND amount > 0) AS payments,
        SUM(amount) FILTER (WHERE counts) AS overpaid,
        MIN(month) FILTER (WHERE amount > 0) AS first_month, MAX(month) FILTER (WHERE amount > 0) AS last_month
      FROM month_inside GROUP BY person_id, f, l) AS i
JOIN custody_stay AS c ON c.person_id = i.person_id AND c.kind = '服刑' AND c.admitted_on BETWEEN i.f AND i.l
LEFT JOIN (SELECT person_id, f, SUM(amount) AS amount FROM back GROUP BY person_id, f) AS b
  ON b.person_id = i.person_id AND b.f = i.f
WHERE i.payments > 0 AND i.overpaid > coalesce(b.amount, 0)
  AND NOT EXISTS (FROM community_correction AS o WHERE o.person_id = c.person_id AND o.kind IN ('缓刑', '管制', '假释')
                  AND o.started_on > c.admitted_on AND o.started_on < coalesce(c.released_on, $as_of));
CREATE OR REPLACE TEMP TABLE behind AS
WITH paid AS (SELECT h.n, m.* FROM hit AS h JOIN month_inside AS m USING (person_id)),
     met AS (SELECT DISTINCT n, person_id, f, l FROM paid)
SELECT DISTINCT n, t, r FROM (
  SELECT n, 'custody_stay' AS t, r FROM hit
  UNION ALL
  SELECT n, 'pension_payment', r FROM paid
  UNION ALL
  SELECT m.n, 'custody_stay', c._row FROM met AS m JOIN custody_stay AS c ON c.person_id = m.person_id
    AND c.admitted_on <= m.l AND coalesce(c.released_on - 1, $as_of) >= m.f
  UNION ALL
  SELECT p.n, 'outside_execution', o._row FROM paid AS p JOIN outside_execution AS o ON o.person_id = p.person_id
    AND o.outside_from <= last_day(p.month) AND coalesce(o.outside_to, $as_of) >= p.month
  UNION ALL
  SELECT h.n, 'community_correction', c._row FROM hit AS h JOIN community_correction AS c ON c.person_id = h.person_id
  UNION ALL
  SELECT h.n, 'pension_recovery', b.r FROM hit AS h JOIN back AS b ON b.person_id = h.person_id AND b.f = h.began_on
) AS e
ORDER BY n, t, r
