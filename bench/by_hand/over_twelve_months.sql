-- Bail by one organ in one case for more than twelve months together, overlaps counted once.
-- "Twelve months" ends on the day that the calendar rolls to.
CREATE OR REPLACE TEMP TABLE part AS
WITH ending AS (
  SELECT chain, chain_position AS place, ended_on AS day FROM bail_decision WHERE ended_on IS NOT NULL
  UNION ALL
  SELECT chain, chain_position, release_decided_on FROM bail_decision WHERE release_decided_on IS NOT NULL
  UNION ALL
  SELECT b.chain, b.chain_position, o.event_on FROM case_outcome AS o JOIN bail_decision AS b ON b.chain = o.chain
  WHERE o.event_on >= coalesce(b.started_on, b.decided_on)
    AND (o.event IN ('不起诉', '法定不起诉', '相对不起诉', '存疑不起诉', '社区矫正开始', '刑罚开始执行', '逮捕执行', '拘留执行', '监视居住执行')
         OR o.event IN ('无罪', '免予刑事处罚', '不负刑事责任', '单处附加刑') AND o.event_kind = '生效')
  UNION ALL
  SELECT b.chain, b.chain_position, n.started_on FROM bail_decision AS b JOIN bail_decision AS n
    ON n.chain = b.chain AND n.chain_position = b.chain_position + 1
  WHERE n.started_on IS NOT NULL AND n.decided_by_kind <> b.decided_by_kind),
ended AS (SELECT chain, place, min(day) AS day FROM ending GROUP BY chain, place),
open_end AS (
  SELECT DISTINCT b.chain, b.chain_position AS place FROM bail_decision AS b JOIN bail_decision AS n
    ON n.chain = b.chain AND n.chain_position = b.chain_position + 1
  WHERE n.started_on IS NULL AND n.decided_by_kind <> b.decided_by_kind
  UNION
  SELECT b.chain, b.chain_position FROM bail_decision AS b JOIN case_outcome AS o ON o.chain = b.chain
  WHERE o.event IN ('管制', '缓刑', '监禁刑') AND o.event_on >= coalesce(b.started_on, b.decided_on)
    AND NOT EXISTS (SELECT 1 FROM case_outcome AS s WHERE s.chain = o.chain
                    AND (s.event IN ('社区矫正开始', '刑罚开始执行')
                         OR s.event IN ('无罪', '免予刑事处罚', '不负刑事责任', '单处附加刑') AND s.event_kind = '生效')))
SELECT b._row, b.bail_no, b.chain, b.chain_position AS place, b.person_id, b.case_no, b.decided_by, b.person_name,
       coalesce(b.started_on, b.decided_on) AS started, e.day AS ended,
       e.day IS NULL AND u.chain IS NOT NULL AS unsure
FROM bail_decision AS b LEFT JOIN ended AS e ON e.chain = b.chain AND e.place = b.chain_position
LEFT JOIN open_end AS u ON u.chain = b.chain AND u.place = b.chain_position;

CREATE OR REPLACE TEMP TABLE hit AS
WITH earlier AS (
  SELECT a._row, sum(date_diff('day', p.started, least(p.ended, a.started)) + 1) AS days, min(p.started) AS first_on,
         bool_or(p.unsure) AS unsure
  FROM part AS a JOIN part AS p ON p.decided_by = a.decided_by AND p.chain = a.chain AND p.place < a.place
  GROUP BY a._row
  UNION ALL
  SELECT a._row, sum(date_diff('day', p.started, least(p.ended, a.started)) + 1), min(p.started), bool_or(p.unsure)
  FROM part AS a JOIN part AS p ON p.decided_by = a.decided_by AND p.person_id = a.person_id AND p.case_no = a.case_no
   AND p.chain <> a.chain AND p.started < a.started
  GROUP BY a._row),
before AS (SELECT _row, sum(days) AS days, min(first_on) AS first_on, bool_or(unsure) AS unsure FROM earlier GROUP BY _row),
counted AS (
  SELECT a.*, date_diff('day', a.started, least(a.ended, $as_of)) + 1 AS own, coalesce(b.days, 0) AS earlier_days,
         least(a.started, b.first_on) AS first_start
  FROM part AS a LEFT JOIN before AS b ON b._row = a._row
  WHERE NOT a.unsure AND NOT coalesce(b.unsure, FALSE)
    AND date_diff('day', least(a.started, b.first_on), least(a.ended, $as_of)) + 1 > 365),
limited AS (
  SELECT k.*, date_diff('day', first_start, c.low) + 1 AS twelve, c.low AS due
  FROM counted AS k JOIN calendar AS c ON c.day =
    CASE WHEN first_start = last_day(first_start) THEN last_day(first_start + INTERVAL 12 MONTH) ELSE CAST(first_start + INTERVAL 12 MONTH AS DATE) END
  WHERE c.low = c.high)
SELECT row_number() OVER (ORDER BY bail_no) AS n, * FROM limited
WHERE own + earlier_days > twelve AND date_diff('day', first_start, least(ended, $as_of)) + 1 > twelve AND earlier_days <= twelve
  AND due >= DATE '2018-10-26';

CREATE OR REPLACE TEMP TABLE behind AS
WITH used AS (
  SELECT n, chain, place FROM hit
  UNION ALL
  SELECT h.n, p.chain, p.place FROM hit AS h JOIN part AS p ON p.chain = h.chain AND p.decided_by = h.decided_by WHERE p.place < h.place
  UNION ALL
  SELECT h.n, p.chain, p.place FROM hit AS h JOIN part AS p ON p.person_id = h.person_id AND p.case_no = h.case_no
    AND p.decided_by = h.decided_by WHERE p.chain <> h.chain AND p.started < h.started)
SELECT DISTINCT n, t, r FROM (
  SELECT u.n, 'bail_decision' AS t, b._row AS r FROM used AS u JOIN part AS b ON b.chain = u.chain AND b.place = u.place
  UNION ALL
  SELECT u.n, 'bail_decision', b._row FROM used AS u JOIN bail_decision AS a ON a.chain = u.chain AND a.chain_position = u.place
    JOIN bail_decision AS b ON b.chain = u.chain AND b.chain_position = u.place + 1 WHERE a.decided_by_kind <> b.decided_by_kind
  UNION ALL
  SELECT u.n, 'case_outcome', o._row FROM used AS u JOIN part AS b ON b.chain = u.chain AND b.place = u.place
  JOIN case_outcome AS o ON o.chain = u.chain
  WHERE o.event IN ('社区矫正开始', '刑罚开始执行')
     OR o.event IN ('无罪', '免予刑事处罚', '不负刑事责任', '单处附加刑') AND o.event_kind = '生效'
     OR o.event IN ('不起诉', '法定不起诉', '相对不起诉', '存疑不起诉', '逮捕执行', '拘留执行', '监视居住执行') AND o.event_on >= b.started
     OR o.event IN ('管制', '缓刑', '监禁刑') AND o.event_on >= b.started
        AND NOT EXISTS (SELECT 1 FROM case_outcome AS s WHERE s.chain = u.chain
                        AND (s.event IN ('社区矫正开始', '刑罚开始执行')
                             OR s.event IN ('无罪', '免予刑事处罚', '不负刑事责任', '单处附加刑') AND s.event_kind = '生效')));
