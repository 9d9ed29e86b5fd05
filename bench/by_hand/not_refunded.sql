-- Deposits that should have been given back, as an analyst writes it who knows that this register has no unread cell.
-- First who is left without a refund, then when their bail ended.
CREATE OR REPLACE TEMP TABLE hit AS
WITH paid AS (SELECT chain, min(chain_position) AS place, sum(amount) AS amount FROM deposit_payment GROUP BY chain),
taken AS (SELECT chain, sum(amount) AS amount FROM deposit_confiscation WHERE review_result IS DISTINCT FROM '撤销' GROUP BY chain),
moved AS (SELECT chain, sum(amount) AS amount FROM court_transfer_notice GROUP BY chain),
settled AS (
  SELECT DISTINCT chain FROM case_outcome
  WHERE event IN ('无罪', '免予刑事处罚', '不负刑事责任', '单处附加刑') AND event_kind = '生效'
     OR event IN ('社区矫正开始', '刑罚开始执行')),
held AS (
  SELECT b._row, b.bail_no, b.person_name, b.person_id, b.executed_by, b.chain, paid.place,
         coalesce(b.started_on, b.decided_on) AS started,
         paid.amount - coalesce(taken.amount, 0) AS left_over, coalesce(moved.amount, 0) AS moved
  FROM bail_decision AS b JOIN paid ON paid.chain = b.chain AND paid.place = b.chain_position
  LEFT JOIN taken ON taken.chain = b.chain LEFT JOIN moved ON moved.chain = b.chain
  WHERE b.guarantee = '保证金' AND paid.amount > coalesce(taken.amount, 0)
    AND coalesce(moved.amount, 0) < paid.amount - coalesce(taken.amount, 0)
    AND NOT EXISTS (SELECT 1 FROM deposit_refund AS r WHERE r.chain = b.chain
                    AND (r.decided_on IS NOT NULL OR r.bank_notified_on IS NOT NULL OR r.refunded_on IS NOT NULL))),
last_one AS (
  SELECT h.chain, max(b.chain_position) AS place FROM held AS h JOIN bail_decision AS b ON b.chain = h.chain
  WHERE b.guarantee = '保证金'
  GROUP BY h.chain HAVING bool_and(b.started_on IS NOT NULL OR b.chain_position = h.place)),
ending AS (
  SELECT b.chain, b.chain_position, b.ended_on AS day, coalesce(b.end_reason, '台账记载的结束') AS event, 0 AS rank
  FROM bail_decision AS b JOIN last_one AS l ON l.chain = b.chain AND l.place = b.chain_position WHERE b.ended_on IS NOT NULL
  UNION ALL
  SELECT b.chain, b.chain_position, b.release_decided_on, '解除取保候审决定', 1
  FROM bail_decision AS b JOIN last_one AS l ON l.chain = b.chain AND l.place = b.chain_position WHERE b.release_decided_on IS NOT NULL
  UNION ALL
  SELECT b.chain, b.chain_position, o.event_on, o.event, 2
  FROM bail_decision AS b JOIN last_one AS l ON l.chain = b.chain AND l.place = b.chain_position
  JOIN case_outcome AS o ON o.chain = b.chain AND o.event_on >= coalesce(b.started_on, b.decided_on)
  WHERE o.event IN ('不起诉', '法定不起诉', '相对不起诉', '存疑不起诉', '社区矫正开始', '刑罚开始执行', '逮捕执行', '拘留执行', '监视居住执行')
     OR o.event IN ('无罪', '免予刑事处罚', '不负刑事责任', '单处附加刑') AND o.event_kind = '生效'
  UNION ALL
  SELECT b.chain, b.chain_position, n.started_on, '受案机关另行取保候审并执行', 3
  FROM bail_decision AS b JOIN last_one AS l ON l.chain = b.chain AND l.place = b.chain_position
  JOIN bail_decision AS n ON n.chain = b.chain AND n.chain_position = b.chain_position + 1
  WHERE n.started_on IS NOT NULL AND n.decided_by_kind <> b.decided_by_kind),
ended AS (SELECT chain, min(day) AS day, arg_min(event, (day, rank)) AS event, any_value(chain_position) AS place FROM ending GROUP BY chain)
SELECT row_number() OVER (ORDER BY h.bail_no) AS n, h._row, h.bail_no, h.person_name, h.person_id, h.executed_by, h.chain,
       e.place, e.day, e.event, date_diff('day', e.day, $as_of) AS overdue, h.left_over - h.moved AS due
FROM held AS h JOIN ended AS e ON e.chain = h.chain
WHERE e.day < $as_of AND e.day BETWEEN DATE '2022-01-01' AND $as_of
  AND NOT EXISTS (SELECT 1 FROM new_offence AS o WHERE o.person_id = h.person_id AND o.intent = '故意'
                  AND o.filed_on BETWEEN h.started AND e.day
                  AND (o.result IS NULL OR o.result NOT IN ('不起诉', '撤销案件', '无罪')));

CREATE OR REPLACE TEMP TABLE behind AS
SELECT DISTINCT n, t, r FROM (
  SELECT n, 'bail_decision' AS t, _row AS r FROM hit
  UNION ALL
  SELECT h.n, 'bail_decision', b._row FROM hit AS h JOIN bail_decision AS b ON b.chain = h.chain
  WHERE b.guarantee = '保证金' OR b.chain_position = h.place
  UNION ALL
  SELECT h.n, 'bail_decision', b._row FROM hit AS h JOIN bail_decision AS b ON b.chain = h.chain AND b.chain_position = h.place + 1
  JOIN bail_decision AS a ON a.chain = h.chain AND a.chain_position = h.place WHERE a.decided_by_kind <> b.decided_by_kind
  UNION ALL
  SELECT h.n, 'deposit_payment', p._row FROM hit AS h JOIN deposit_payment AS p ON p.chain = h.chain
  UNION ALL
  SELECT h.n, 'deposit_confiscation', c._row FROM hit AS h JOIN deposit_confiscation AS c ON c.chain = h.chain
  WHERE c.review_result IS DISTINCT FROM '撤销'
  UNION ALL
  SELECT h.n, 'court_transfer_notice', c._row FROM hit AS h JOIN court_transfer_notice AS c ON c.chain = h.chain
  UNION ALL
  SELECT h.n, 'deposit_refund', f._row FROM hit AS h JOIN deposit_refund AS f ON f.chain = h.chain
  UNION ALL
  SELECT h.n, 'new_offence', o._row FROM hit AS h JOIN new_offence AS o ON o.person_id = h.person_id
  UNION ALL
  SELECT h.n, 'case_outcome', o._row FROM hit AS h JOIN bail_decision AS b ON b.chain = h.chain AND b.chain_position = h.place
  JOIN case_outcome AS o ON o.chain = h.chain
  WHERE o.event IN ('社区矫正开始', '刑罚开始执行')
     OR o.event IN ('无罪', '免予刑事处罚', '不负刑事责任', '单处附加刑') AND o.event_kind = '生效'
     OR o.event IN ('不起诉', '法定不起诉', '相对不起诉', '存疑不起诉', '逮捕执行', '拘留执行', '监视居住执行')
        AND o.event_on >= coalesce(b.started_on, b.decided_on)
     OR o.event IN ('管制', '缓刑', '监禁刑') AND o.event_on >= coalesce(b.started_on, b.decided_on)
        AND NOT EXISTS (SELECT 1 FROM case_outcome AS s WHERE s.chain = h.chain
                        AND (s.event IN ('社区矫正开始', '刑罚开始执行')
                             OR s.event IN ('无罪', '免予刑事处罚', '不负刑事责任', '单处附加刑') AND s.event_kind = '生效')));
