-- 未通知：每个组合的条件
SELECT `f`.`stay._row` AS r, CASE WHEN NOT COALESCE(((CASE WHEN (`f`.`stay.amount` - (CASE WHEN `f`.`paid.chain` IS NULL THEN 0 ELSE `f`.`paid.total__max` END)) > 0 THEN TRUE WHEN (`f`.`stay.amount` - COALESCE(`f`.`paid.total`, 0)) <= 0 THEN FALSE END) IS NOT FALSE), FALSE) THEN 0 WHEN NOT COALESCE(((CASE WHEN COALESCE(`f`.`paid.times`, 0) >= 1 THEN TRUE WHEN (CASE WHEN `f`.`paid.chain` IS NULL THEN 0 ELSE `f`.`paid.times__max` END) < 1 THEN FALSE END) IS NOT FALSE), FALSE) THEN 1 ELSE 7 END AS first_false, CASE WHEN ((CASE WHEN (`f`.`stay.amount` - (CASE WHEN `f`.`paid.chain` IS NULL THEN 0 ELSE `f`.`paid.total__max` END)) > 0 THEN TRUE WHEN (`f`.`stay.amount` - COALESCE(`f`.`paid.total`, 0)) <= 0 THEN FALSE END)) IS NULL THEN 0 WHEN ((CASE WHEN COALESCE(`f`.`paid.times`, 0) >= 1 THEN TRUE WHEN (CASE WHEN `f`.`paid.chain` IS NULL THEN 0 ELSE `f`.`paid.times__max` END) < 1 THEN FALSE END)) IS NULL THEN 1 ELSE 7 END AS first_null, `f`.`stay.person` AS `stay.person`, `f`.`stay.began` AS `stay.began`, `f`.`stay.county` AS `stay.county`, `f`.`stay.chain` AS `stay.chain`
FROM (SELECT `stay`.`stay_no` AS `stay.stay_no`, `stay`.`person` AS `stay.person`, `stay`.`county` AS `stay.county`, `stay`.`office` AS `stay.office`, `stay`.`began` AS `stay.began`, `stay`.`amount` AS `stay.amount`, `stay`.`chain` AS `stay.chain`, `stay`.`_bad` AS `stay._bad`, `stay`.`_row` AS `stay._row`, `paid`.`chain` AS `paid.chain`, `paid`.`total` AS `paid.total`, `paid`.`times` AS `paid.times`, `paid`.`total__max` AS `paid.total__max`, `paid`.`times__max` AS `paid.times__max`
FROM `stay` AS `stay`
  LEFT JOIN `paid` AS `paid` ON `paid`.`chain` = `stay`.`chain`) AS `f`
WHERE TRUE;

-- 未通知：余下组合的关联记录
SELECT `f`.r AS r, CASE WHEN NOT COALESCE(NOT EXISTS (SELECT 1 FROM `notice` AS `notice` WHERE `notice`.`person` = `f`.`stay.person` AND (CASE WHEN `notice`.`sent_on` IS NOT NULL THEN TRUE WHEN (`notice`.`_bad` & 4) = 0 THEN FALSE END)), FALSE) THEN 3 WHEN NOT COALESCE(NOT EXISTS (SELECT 1 FROM `fee` AS `fee` WHERE `fee`.`chain` = `f`.`stay.chain` AND ((CASE WHEN `fee`.`voided_on` IS NOT NULL THEN TRUE WHEN (`fee`.`_bad` & 16) = 0 THEN FALSE END) AND (`fee`.`colour` = '绿'))), FALSE) THEN 5 WHEN NOT COALESCE((`f`.`stay.began` IS NULL OR `f`.`stay.began` < DATE '2020-01-01' OR (`f`.`stay.began` >= DATE '2020-01-01' AND `f`.`stay.began` <= DATE '2024-03-01') OR (`f`.`stay.began` >= DATE '2024-03-02')), FALSE) THEN 6 ELSE 7 END AS first_false, CASE WHEN `f`.first_null < 7 THEN `f`.first_null ELSE CASE WHEN (((CASE WHEN `f`.`stay.person` IS NOT NULL THEN TRUE END)) IS NULL) THEN 2 WHEN EXISTS (SELECT 1 FROM `notice` AS `notice` WHERE `notice`.`person` = `f`.`stay.person` AND ((CASE WHEN `notice`.`sent_on` IS NOT NULL THEN TRUE WHEN (`notice`.`_bad` & 4) = 0 THEN FALSE END)) IS NULL) THEN 3 WHEN NOT COALESCE(((`f`.`stay.began` >= DATE '2023-05-01' AND `f`.`stay.began` <= DATE '2024-06-30' AND `f`.`stay.county` IN ('江北'))) OR ((`f`.`stay.began` >= DATE '2023-07-01' AND `f`.`stay.began` <= DATE '2024-06-30' AND `f`.`stay.county` IN ('江南'))), FALSE) THEN 4 WHEN ((EXISTS (SELECT 1 FROM `fee` AS `fee` WHERE `fee`.`chain` = `f`.`stay.chain` AND (((CASE WHEN `fee`.`voided_on` IS NOT NULL THEN TRUE WHEN (`fee`.`_bad` & 16) = 0 THEN FALSE END) AND (`fee`.`colour` = '绿'))) IS NULL) OR EXISTS (SELECT 1 FROM `doubts__fee` AS dd WHERE dd.`chain` = `f`.`stay.chain`))) THEN 5 WHEN COALESCE(`f`.`stay.began` < DATE '2020-01-01', TRUE) THEN 6 ELSE 7 END END AS first_null
FROM `judged__not_told` AS `f`
WHERE `f`.first_false = 7;

-- 未通知：没有被排除的记录
SELECT t.`stay_no`, t.`person`, t.`county`, t.`office`, t.`began`, t.`amount`, t.`chain`, t.`_bad`, t.`_row` FROM `stay` AS t WHERE t.`_row` IN (SELECT r FROM `looked__not_told` WHERE first_false = 7);

-- 未通知：监督对象总数
SELECT COUNT(*) AS row_count, COUNT(DISTINCT CASE WHEN NOT (`stay`.`stay_no` IS NULL) THEN `stay`.`stay_no` END) AS subjects, COUNT(CASE WHEN `stay`.`stay_no` IS NULL THEN 1 END) AS unidentified
FROM `stay` AS `stay`;

-- 未通知：未被排除的组合
SELECT q.*, CASE q.step WHEN 0 THEN 'owed' WHEN 1 THEN 'some' WHEN 2 THEN 'key_missing' WHEN 3 THEN 'told' WHEN 4 THEN 'outside_coverage:notice' WHEN 5 THEN 'guard:void' WHEN 6 THEN 'law_not_loaded' END AS reason
FROM (SELECT `stay`.`stay_no` AS s0, `stay`.`_row` AS r_stay, `stay`.`stay_no` AS v0, (`stay`.`amount` - (CASE WHEN `paid`.`chain` IS NULL THEN 0 ELSE `paid`.`total__max` END)) AS v1, (`stay`.`amount` - COALESCE(`paid`.`total`, 0)) AS w1, COALESCE(`paid`.`times`, 0) AS v2, (CASE WHEN `paid`.`chain` IS NULL THEN 0 ELSE `paid`.`times__max` END) AS w2, `stay`.`office` AS against, `stay`.`began` AS judged_on, `stay`.`county` AS district, (`stay`.`amount` - (CASE WHEN `paid`.`chain` IS NULL THEN 0 ELSE `paid`.`total__max` END)) AS amount, (`stay`.`amount` - COALESCE(`paid`.`total`, 0)) AS amount_max, `stay`.`chain` AS k0, `stay`.`person` AS k1, CASE WHEN ((CASE WHEN (`stay`.`amount` - (CASE WHEN `paid`.`chain` IS NULL THEN 0 ELSE `paid`.`total__max` END)) > 0 THEN TRUE WHEN (`stay`.`amount` - COALESCE(`paid`.`total`, 0)) <= 0 THEN FALSE END)) IS NULL THEN 0 WHEN ((CASE WHEN COALESCE(`paid`.`times`, 0) >= 1 THEN TRUE WHEN (CASE WHEN `paid`.`chain` IS NULL THEN 0 ELSE `paid`.`times__max` END) < 1 THEN FALSE END)) IS NULL THEN 1 WHEN (((CASE WHEN `stay`.`person` IS NOT NULL THEN TRUE END)) IS NULL) THEN 2 WHEN EXISTS (SELECT 1 FROM `notice` AS `notice` WHERE `notice`.`person` = `stay`.`person` AND ((CASE WHEN `notice`.`sent_on` IS NOT NULL THEN TRUE WHEN (`notice`.`_bad` & 4) = 0 THEN FALSE END)) IS NULL) THEN 3 WHEN NOT COALESCE(((`stay`.`began` >= DATE '2023-05-01' AND `stay`.`began` <= DATE '2024-06-30' AND `stay`.`county` IN ('江北'))) OR ((`stay`.`began` >= DATE '2023-07-01' AND `stay`.`began` <= DATE '2024-06-30' AND `stay`.`county` IN ('江南'))), FALSE) THEN 4 WHEN ((EXISTS (SELECT 1 FROM `fee` AS `fee` WHERE `fee`.`chain` = `stay`.`chain` AND (((CASE WHEN `fee`.`voided_on` IS NOT NULL THEN TRUE WHEN (`fee`.`_bad` & 16) = 0 THEN FALSE END) AND (`fee`.`colour` = '绿'))) IS NULL) OR EXISTS (SELECT 1 FROM `doubts__fee` AS dd WHERE dd.`chain` = `stay`.`chain`))) THEN 5 WHEN COALESCE(`stay`.`began` < DATE '2020-01-01', TRUE) THEN 6 END AS step
FROM `left__not_told` AS `stay`
  LEFT JOIN `paid` AS `paid` ON `paid`.`chain` = `stay`.`chain`
WHERE ((CASE WHEN (`stay`.`amount` - (CASE WHEN `paid`.`chain` IS NULL THEN 0 ELSE `paid`.`total__max` END)) > 0 THEN TRUE WHEN (`stay`.`amount` - COALESCE(`paid`.`total`, 0)) <= 0 THEN FALSE END) IS NOT FALSE) AND ((CASE WHEN COALESCE(`paid`.`times`, 0) >= 1 THEN TRUE WHEN (CASE WHEN `paid`.`chain` IS NULL THEN 0 ELSE `paid`.`times__max` END) < 1 THEN FALSE END) IS NOT FALSE) AND NOT EXISTS (SELECT 1 FROM `notice` AS `notice` WHERE `notice`.`person` = `stay`.`person` AND (CASE WHEN `notice`.`sent_on` IS NOT NULL THEN TRUE WHEN (`notice`.`_bad` & 4) = 0 THEN FALSE END)) AND NOT EXISTS (SELECT 1 FROM `fee` AS `fee` WHERE `fee`.`chain` = `stay`.`chain` AND ((CASE WHEN `fee`.`voided_on` IS NOT NULL THEN TRUE WHEN (`fee`.`_bad` & 16) = 0 THEN FALSE END) AND (`fee`.`colour` = '绿'))) AND (`stay`.`began` IS NULL OR `stay`.`began` < DATE '2020-01-01' OR (`stay`.`began` >= DATE '2020-01-01' AND `stay`.`began` <= DATE '2024-03-01') OR (`stay`.`began` >= DATE '2024-03-02'))) AS q;

-- 未通知：结论与理由
SELECT reason, COUNT(*) AS subjects FROM (SELECT CASE WHEN COUNT(*) > COUNT(reason) THEN NULL ELSE min_by(reason, r_stay * 1024 + step) FILTER (WHERE reason IS NOT NULL) END AS reason FROM `possible__not_told` GROUP BY s0) AS v GROUP BY reason ORDER BY reason;

-- 未通知：数据不足的对象
SELECT s0, min_by(reason, r_stay * 1024 + step) FILTER (WHERE reason IS NOT NULL) AS reason FROM `possible__not_told` GROUP BY s0 HAVING COUNT(*) = COUNT(reason) ORDER BY s0;

-- 未通知：疑似问题
SELECT ROW_NUMBER() OVER (ORDER BY s0, r_stay) AS n, p.*
FROM `possible__not_told` AS p
WHERE p.reason IS NULL;

-- 未通知：证据行
WITH near0 AS (SELECT t.`chain`, t.`amount`, t.`voided_on`, t.`_row`, t.`_bad`, t.`_repeat` FROM `fee` AS t WHERE t.`chain` IN (SELECT k0 FROM `hits__not_told`)),
rows1 AS (SELECT e.n AS n, `fee`.`_row` AS r_fee
FROM `near0` AS `fee`
  JOIN (SELECT n, k0 AS `chain` FROM `hits__not_told`) AS e ON `fee`.`chain` = e.`chain`)
SELECT DISTINCT n, t, r FROM (
SELECT h.n AS n, 'stay' AS t, h.r_stay AS r FROM `hits__not_told` AS h
UNION ALL
SELECT h.n AS n, 'notice' AS t, x.`_row` AS r FROM `hits__not_told` AS h JOIN `notice` AS x ON x.`person` = h.k1
UNION ALL
SELECT h.n AS n, 'fee' AS t, x.`_row` AS r FROM `hits__not_told` AS h JOIN `fee` AS x ON x.`chain` = h.k0
UNION ALL
SELECT n, 'fee' AS t, r_fee AS r FROM rows1
) AS e WHERE r IS NOT NULL ORDER BY n, t, r;

-- 未通知：筛查过程
SELECT COUNT(CASE WHEN reached > 0 THEN 1 END) AS reached_0, COUNT(CASE WHEN sure > 0 THEN 1 END) AS sure_0, COUNT(CASE WHEN reached > 1 THEN 1 END) AS reached_1, COUNT(CASE WHEN sure > 1 THEN 1 END) AS sure_1, COUNT(CASE WHEN reached > 2 THEN 1 END) AS reached_2, COUNT(CASE WHEN sure > 2 THEN 1 END) AS sure_2, COUNT(CASE WHEN reached > 3 THEN 1 END) AS reached_3, COUNT(CASE WHEN sure > 3 THEN 1 END) AS sure_3, COUNT(CASE WHEN reached > 4 THEN 1 END) AS reached_4, COUNT(CASE WHEN sure > 4 THEN 1 END) AS sure_4, COUNT(CASE WHEN reached > 5 THEN 1 END) AS reached_5, COUNT(CASE WHEN sure > 5 THEN 1 END) AS sure_5, COUNT(CASE WHEN reached > 6 THEN 1 END) AS reached_6, COUNT(CASE WHEN sure > 6 THEN 1 END) AS sure_6 FROM (SELECT MAX(w.first_false) AS reached, MAX(CASE WHEN w.first_null < w.first_false THEN w.first_null ELSE w.first_false END) AS sure FROM (SELECT r, first_false, first_null FROM `judged__not_told` WHERE first_false < 7 UNION ALL SELECT r, first_false, first_null FROM `looked__not_told`) AS w JOIN `stay` AS `stay` ON `stay`.`_row` = w.r GROUP BY `stay`.`stay_no`) AS f;
