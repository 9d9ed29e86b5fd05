-- 超过十二个月：每个组合的条件
SELECT `f`.`stay._row` AS r, CASE WHEN NOT COALESCE(((CASE WHEN `f`.`value0` > `f`.`value1__max` THEN TRUE WHEN `f`.`value0` <= `f`.`value1` THEN FALSE END) IS NOT FALSE), FALSE) THEN 0 WHEN NOT COALESCE(((`f`.`stay.colour` IN ('红', '绿')) IS NOT FALSE), FALSE) THEN 1 ELSE 3 END AS first_false, CASE WHEN ((CASE WHEN `f`.`value0` > `f`.`value1__max` THEN TRUE WHEN `f`.`value0` <= `f`.`value1` THEN FALSE END)) IS NULL THEN 0 WHEN ((`f`.`stay.colour` IN ('红', '绿'))) IS NULL THEN 1 ELSE 3 END AS first_null, `f`.`stay.began` AS `stay.began`
FROM (SELECT `f`.*, (CASE WHEN `f`.`stay.ended` IS NOT NULL THEN `f`.`stay.ended` WHEN ((`f`.`stay._bad` & 128) <> 0) THEN NULL ELSE DATE '2024-06-30' END) AS `value0`, `calendar_value1`.`low` AS `value1`, `calendar_value1`.`high` AS `value1__max`
FROM (SELECT `stay`.`stay_no` AS `stay.stay_no`, `stay`.`county` AS `stay.county`, `stay`.`office` AS `stay.office`, `stay`.`colour` AS `stay.colour`, `stay`.`began` AS `stay.began`, `stay`.`ended` AS `stay.ended`, `stay`.`amount` AS `stay.amount`, `stay`.`_bad` AS `stay._bad`, `stay`.`_row` AS `stay._row`
FROM `stay` AS `stay`) AS `f`
  LEFT JOIN `calendar` AS `calendar_value1` ON `calendar_value1`.`day` = (CASE WHEN `f`.`stay.began` = last_day(`f`.`stay.began`) THEN last_day(add_months(`f`.`stay.began`, 12)) ELSE add_months(`f`.`stay.began`, 12) END)) AS `f`
WHERE TRUE;

-- 超过十二个月：余下组合的关联记录
SELECT `f`.r AS r, 3 AS first_false, CASE WHEN `f`.first_null < 3 THEN `f`.first_null ELSE CASE WHEN COALESCE(`f`.`stay.began` < DATE '2020-01-01', TRUE) THEN 2 ELSE 3 END END AS first_null
FROM `judged__too_long` AS `f`
WHERE `f`.first_false = 3;

-- 超过十二个月：没有被排除的记录
SELECT t.`stay_no`, t.`county`, t.`office`, t.`colour`, t.`began`, t.`ended`, t.`amount`, t.`_bad`, t.`_row` FROM `stay` AS t WHERE t.`_row` IN (SELECT r FROM `looked__too_long` WHERE first_false = 3);

-- 超过十二个月：监督对象总数
SELECT COUNT(*) AS row_count, COUNT(DISTINCT CASE WHEN NOT (`stay`.`stay_no` IS NULL) THEN `stay`.`stay_no` END) AS subjects, COUNT(CASE WHEN `stay`.`stay_no` IS NULL THEN 1 END) AS unidentified
FROM `stay` AS `stay`;

-- 超过十二个月：未被排除的组合
SELECT q.*, CASE q.step WHEN 0 THEN 'late' WHEN 1 THEN 'red' WHEN 2 THEN 'law_not_loaded' END AS reason
FROM (SELECT `f`.`stay.stay_no` AS s0, `f`.`stay._row` AS r_stay, `f`.`stay.stay_no` AS v0, `f`.`stay.began` AS v1, `f`.`value0` AS v2, `f`.`stay.colour` AS v3, `f`.`stay.office` AS against, `f`.`stay.began` AS judged_on, `f`.`stay.county` AS district, `f`.`stay.amount` AS amount, `f`.`stay.amount` AS amount_max, CASE WHEN ((CASE WHEN `f`.`value0` > `f`.`value1__max` THEN TRUE WHEN `f`.`value0` <= `f`.`value1` THEN FALSE END)) IS NULL THEN 0 WHEN ((`f`.`stay.colour` IN ('红', '绿'))) IS NULL THEN 1 WHEN COALESCE(`f`.`stay.began` < DATE '2020-01-01', TRUE) THEN 2 END AS step
FROM (SELECT `f`.*, (CASE WHEN `f`.`stay.ended` IS NOT NULL THEN `f`.`stay.ended` WHEN ((`f`.`stay._bad` & 128) <> 0) THEN NULL ELSE DATE '2024-06-30' END) AS `value0`, `calendar_value1`.`low` AS `value1`, `calendar_value1`.`high` AS `value1__max`
FROM (SELECT `stay`.`stay_no` AS `stay.stay_no`, `stay`.`county` AS `stay.county`, `stay`.`office` AS `stay.office`, `stay`.`colour` AS `stay.colour`, `stay`.`began` AS `stay.began`, `stay`.`ended` AS `stay.ended`, `stay`.`amount` AS `stay.amount`, `stay`.`_bad` AS `stay._bad`, `stay`.`_row` AS `stay._row`
FROM `left__too_long` AS `stay`) AS `f`
  LEFT JOIN `calendar` AS `calendar_value1` ON `calendar_value1`.`day` = (CASE WHEN `f`.`stay.began` = last_day(`f`.`stay.began`) THEN last_day(add_months(`f`.`stay.began`, 12)) ELSE add_months(`f`.`stay.began`, 12) END)) AS `f`
WHERE ((CASE WHEN `f`.`value0` > `f`.`value1__max` THEN TRUE WHEN `f`.`value0` <= `f`.`value1` THEN FALSE END) IS NOT FALSE) AND ((`f`.`stay.colour` IN ('红', '绿')) IS NOT FALSE)) AS q;

-- 超过十二个月：结论与理由
SELECT reason, COUNT(*) AS subjects FROM (SELECT CASE WHEN COUNT(*) > COUNT(reason) THEN NULL ELSE min_by(reason, r_stay * 1024 + step) FILTER (WHERE reason IS NOT NULL) END AS reason FROM `possible__too_long` GROUP BY s0) AS v GROUP BY reason ORDER BY reason;

-- 超过十二个月：数据不足的对象
SELECT s0, min_by(reason, r_stay * 1024 + step) FILTER (WHERE reason IS NOT NULL) AS reason FROM `possible__too_long` GROUP BY s0 HAVING COUNT(*) = COUNT(reason) ORDER BY s0;

-- 超过十二个月：疑似问题
SELECT ROW_NUMBER() OVER (ORDER BY s0, r_stay) AS n, p.*
FROM `possible__too_long` AS p
WHERE p.reason IS NULL;

-- 超过十二个月：证据行
SELECT DISTINCT n, t, r FROM (
SELECT h.n AS n, 'stay' AS t, h.r_stay AS r FROM `hits__too_long` AS h
) AS e WHERE r IS NOT NULL ORDER BY n, t, r;

-- 超过十二个月：筛查过程
SELECT COUNT(CASE WHEN reached > 0 THEN 1 END) AS reached_0, COUNT(CASE WHEN sure > 0 THEN 1 END) AS sure_0, COUNT(CASE WHEN reached > 1 THEN 1 END) AS reached_1, COUNT(CASE WHEN sure > 1 THEN 1 END) AS sure_1, COUNT(CASE WHEN reached > 2 THEN 1 END) AS reached_2, COUNT(CASE WHEN sure > 2 THEN 1 END) AS sure_2 FROM (SELECT MAX(w.first_false) AS reached, MAX(CASE WHEN w.first_null < w.first_false THEN w.first_null ELSE w.first_false END) AS sure FROM (SELECT r, first_false, first_null FROM `judged__too_long` WHERE first_false < 3 UNION ALL SELECT r, first_false, first_null FROM `looked__too_long`) AS w JOIN `stay` AS `stay` ON `stay`.`_row` = w.r GROUP BY `stay`.`stay_no`) AS f;
