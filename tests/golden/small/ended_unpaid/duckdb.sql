-- 结束后未结清：每个组合的条件
SELECT "f"."stay._row" AS r, CASE WHEN NOT COALESCE(((date_diff('day', "f"."finish.on", DATE '2024-06-30') > 10) IS NOT FALSE), FALSE) THEN 1 WHEN NOT COALESCE((("f"."fee.amount" < "f"."stay.amount") IS NOT FALSE), FALSE) THEN 2 ELSE 5 END AS first_false, CASE WHEN "f"."fee._row" IS NULL THEN 0 WHEN ((date_diff('day', "f"."finish.on", DATE '2024-06-30') > 10)) IS NULL THEN 1 WHEN (("f"."fee.amount" < "f"."stay.amount")) IS NULL THEN 2 ELSE 5 END AS first_null, "f"."stay.person" AS "stay.person", "f"."finish.on" AS "finish.on"
FROM (SELECT "stay"."person" AS "stay.person", "stay"."county" AS "stay.county", "stay"."office" AS "stay.office", "stay"."amount" AS "stay.amount", "stay"."chain" AS "stay.chain", "stay"."chain_position" AS "stay.chain_position", "stay"."_bad" AS "stay._bad", "stay"."_row" AS "stay._row", "finish"."chain" AS "finish.chain", "finish"."position" AS "finish.position", "finish"."on" AS "finish.on", "finish"."source" AS "finish.source", "finish"."_bad" AS "finish._bad", "fee"."amount" AS "fee.amount", "fee"."chain" AS "fee.chain", "fee"."_bad" AS "fee._bad", "fee"."_row" AS "fee._row"
FROM "stay" AS "stay"
  LEFT JOIN "finish" AS "finish" ON "finish"."chain" = "stay"."chain" AND "finish"."position" = "stay"."chain_position"
  JOIN (SELECT "stay_no", "person", "colour", "paid_on", "voided_on", "amount", "slip", "chain", "chain_position", "chain_count", "_row", "_bad" FROM "fee" UNION ALL SELECT CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS DATE), CAST(NULL AS DATE), CAST(NULL AS DECIMAL(18,2)), CAST(NULL AS VARCHAR), d."chain", d."chain_position", d."chain_count", CAST(NULL AS BIGINT), 1023 FROM "doubts__fee" AS d) AS "fee" ON "fee"."chain" = "stay"."chain") AS "f"
WHERE "f"."stay.person" IS NOT NULL;

-- 结束后未结清：余下组合的关联记录
SELECT "f".r AS r, CASE WHEN NOT COALESCE((EXISTS (SELECT 1 FROM "stay" AS "twin" WHERE "twin"."person" = "f"."stay.person" AND ("twin"."colour" = '红')) OR (EXISTS (SELECT 1 FROM "stay" AS "twin" WHERE "twin"."person" = "f"."stay.person" AND (("twin"."colour" = '红')) IS NULL) OR (((CASE WHEN "f"."stay.person" IS NOT NULL THEN TRUE END)) IS NULL))), FALSE) THEN 3 ELSE 5 END AS first_false, CASE WHEN "f".first_null < 5 THEN "f".first_null ELSE CASE WHEN NOT EXISTS (SELECT 1 FROM "stay" AS "twin" WHERE "twin"."person" = "f"."stay.person" AND ("twin"."colour" = '红')) THEN 3 WHEN COALESCE("f"."finish.on" < DATE '2020-01-01', TRUE) THEN 4 ELSE 5 END END AS first_null
FROM "judged__ended_unpaid" AS "f"
WHERE "f".first_false = 5;

-- 结束后未结清：没有被排除的记录
SELECT t."person", t."county", t."office", t."amount", t."chain", t."chain_position", t."_bad", t."_row" FROM "stay" AS t WHERE t."_row" IN (SELECT r FROM "looked__ended_unpaid" WHERE first_false = 5);

-- 结束后未结清：监督对象总数
SELECT COUNT(*) AS row_count, COUNT(DISTINCT CASE WHEN NOT ("stay"."person" IS NULL) THEN "stay"."person" END) AS subjects, COUNT(CASE WHEN "stay"."person" IS NULL THEN 1 END) AS unidentified
FROM "stay" AS "stay";

-- 结束后未结清：未被排除的组合
SELECT q.*, CASE q.step WHEN 0 THEN 'no_partner:fee' WHEN 1 THEN 'over' WHEN 2 THEN 'low' WHEN 3 THEN 'same' WHEN 4 THEN 'law_not_loaded' END AS reason
FROM (SELECT "stay"."person" AS s0, "stay"."_row" AS r_stay, "fee"."_row" AS r_fee, "stay"."person" AS v0, "finish"."on" AS v1, "finish"."source" AS v2, date_diff('day', "finish"."on", DATE '2024-06-30') AS v3, "fee"."amount" AS v4, "stay"."office" AS against, "finish"."on" AS judged_on, "stay"."county" AS district, "stay"."chain" AS k0, "stay"."chain_position" AS k1, "stay"."person" AS k2, CASE WHEN "fee"."_row" IS NULL THEN 0 WHEN ((date_diff('day', "finish"."on", DATE '2024-06-30') > 10)) IS NULL THEN 1 WHEN (("fee"."amount" < "stay"."amount")) IS NULL THEN 2 WHEN NOT EXISTS (SELECT 1 FROM "stay" AS "twin" WHERE "twin"."person" = "stay"."person" AND ("twin"."colour" = '红')) THEN 3 WHEN COALESCE("finish"."on" < DATE '2020-01-01', TRUE) THEN 4 END AS step
FROM "left__ended_unpaid" AS "stay"
  LEFT JOIN "finish" AS "finish" ON "finish"."chain" = "stay"."chain" AND "finish"."position" = "stay"."chain_position"
  JOIN (SELECT "stay_no", "person", "colour", "paid_on", "voided_on", "amount", "slip", "chain", "chain_position", "chain_count", "_row", "_bad" FROM "fee" UNION ALL SELECT CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS DATE), CAST(NULL AS DATE), CAST(NULL AS DECIMAL(18,2)), CAST(NULL AS VARCHAR), d."chain", d."chain_position", d."chain_count", CAST(NULL AS BIGINT), 1023 FROM "doubts__fee" AS d) AS "fee" ON "fee"."chain" = "stay"."chain"
WHERE ((date_diff('day', "finish"."on", DATE '2024-06-30') > 10) IS NOT FALSE) AND (("fee"."amount" < "stay"."amount") IS NOT FALSE) AND (EXISTS (SELECT 1 FROM "stay" AS "twin" WHERE "twin"."person" = "stay"."person" AND ("twin"."colour" = '红')) OR (EXISTS (SELECT 1 FROM "stay" AS "twin" WHERE "twin"."person" = "stay"."person" AND (("twin"."colour" = '红')) IS NULL) OR (((CASE WHEN "stay"."person" IS NOT NULL THEN TRUE END)) IS NULL))) AND "stay"."person" IS NOT NULL) AS q;

-- 结束后未结清：结论与理由
SELECT reason, COUNT(*) AS subjects FROM (SELECT CASE WHEN COUNT(*) > COUNT(reason) THEN NULL ELSE arg_min_null(reason, r_stay * 1024 + step) FILTER (WHERE reason IS NOT NULL) END AS reason FROM "possible__ended_unpaid" GROUP BY s0) AS v GROUP BY reason ORDER BY reason;

-- 结束后未结清：数据不足的对象
SELECT s0, arg_min_null(reason, r_stay * 1024 + step) FILTER (WHERE reason IS NOT NULL) AS reason FROM "possible__ended_unpaid" GROUP BY s0 HAVING COUNT(*) = COUNT(reason) ORDER BY s0;

-- 结束后未结清：疑似问题
SELECT ROW_NUMBER() OVER (ORDER BY s0, r_stay, r_fee) AS n, p.*
FROM "possible__ended_unpaid" AS p
WHERE p.reason IS NULL;

-- 结束后未结清：证据行
WITH near0 AS (SELECT t."chain", t."chain_position", t."ended", t."colour", t."person", t."_row", t."_bad", t."county" FROM "stay" AS t WHERE t."chain" IN (SELECT k0 FROM "hits__ended_unpaid")),
rows1 AS (SELECT e.n AS n, "stay"."_row" AS r_stay
FROM "near0" AS "stay"
  JOIN (SELECT n, k0 AS "chain", k1 AS "position" FROM "hits__ended_unpaid") AS e ON "stay"."chain" = e."chain" AND "stay"."chain_position" = e."position")
SELECT DISTINCT n, t, r FROM (
SELECT h.n AS n, 'stay' AS t, h.r_stay AS r FROM "hits__ended_unpaid" AS h
UNION ALL
SELECT h.n AS n, 'fee' AS t, h.r_fee AS r FROM "hits__ended_unpaid" AS h
UNION ALL
SELECT h.n AS n, 'stay' AS t, x."_row" AS r FROM "hits__ended_unpaid" AS h JOIN "stay" AS x ON x."person" = h.k2
UNION ALL
SELECT n, 'stay' AS t, r_stay AS r FROM rows1
UNION ALL
SELECT e.n AS n, 'notice' AS t, "notice"."_row" AS r
FROM "near0" AS "stay"
  JOIN (SELECT n, k0 AS "chain", k1 AS "position" FROM "hits__ended_unpaid") AS e ON "stay"."chain" = e."chain" AND "stay"."chain_position" = e."position"
  JOIN "notice" AS "notice" ON "notice"."person" = "stay"."person"
WHERE (("notice"."colour" = '红') IS NOT FALSE)
) AS e WHERE r IS NOT NULL ORDER BY n, t, r;

-- 结束后未结清：筛查过程
SELECT COUNT(CASE WHEN reached > 0 THEN 1 END) AS reached_0, COUNT(CASE WHEN sure > 0 THEN 1 END) AS sure_0, COUNT(CASE WHEN reached > 1 THEN 1 END) AS reached_1, COUNT(CASE WHEN sure > 1 THEN 1 END) AS sure_1, COUNT(CASE WHEN reached > 2 THEN 1 END) AS reached_2, COUNT(CASE WHEN sure > 2 THEN 1 END) AS sure_2, COUNT(CASE WHEN reached > 3 THEN 1 END) AS reached_3, COUNT(CASE WHEN sure > 3 THEN 1 END) AS sure_3, COUNT(CASE WHEN reached > 4 THEN 1 END) AS reached_4, COUNT(CASE WHEN sure > 4 THEN 1 END) AS sure_4 FROM (SELECT MAX(w.first_false) AS reached, MAX(CASE WHEN w.first_null < w.first_false THEN w.first_null ELSE w.first_false END) AS sure FROM (SELECT r, first_false, first_null FROM "judged__ended_unpaid" WHERE first_false < 5 UNION ALL SELECT r, first_false, first_null FROM "looked__ended_unpaid") AS w JOIN "stay" AS "stay" ON "stay"."_row" = w.r GROUP BY "stay"."person") AS f;
