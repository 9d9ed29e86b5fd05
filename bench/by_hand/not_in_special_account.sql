-- Deposits paid into an account that no list of that county names on that day.
CREATE OR REPLACE TEMP TABLE hit AS
SELECT row_number() OVER (ORDER BY b.bail_no, b._row, p._row) AS n, b._row, p._row AS paid_row, b.bail_no, b.person_name,
       b.county, b.executed_by, p.paid_on, p.amount, p.account_no, p.account_name
FROM bail_decision AS b JOIN deposit_payment AS p ON p.chain = b.chain AND p.chain_position = b.chain_position
WHERE p.account_no IS NOT NULL AND p.paid_on >= DATE '2018-10-26'
  AND p.taken_by IS NULL AND coalesce(p.account_name_kind, '') NOT IN ('person', 'case_money', 'unknown')
  AND EXISTS (SELECT 1 FROM special_account AS a WHERE a.county = b.county
              AND p.paid_on >= coalesce(a.valid_from, p.paid_on) AND p.paid_on <= coalesce(a.valid_to, p.paid_on))
  AND NOT EXISTS (SELECT 1 FROM special_account AS a WHERE a.county = b.county
                  AND p.paid_on >= coalesce(a.valid_from, p.paid_on) AND p.paid_on <= coalesce(a.valid_to, p.paid_on)
                  AND (a.account_no = p.account_no OR starts_with(p.account_no, a.sub_prefix) OR a.account_name = p.account_name));

CREATE OR REPLACE TEMP TABLE behind AS
SELECT DISTINCT n, t, r FROM (
  SELECT n, 'bail_decision' AS t, _row AS r FROM hit
  UNION ALL
  SELECT n, 'deposit_payment', paid_row FROM hit
  UNION ALL
  SELECT h.n, 'special_account', a._row FROM hit AS h JOIN special_account AS a ON a.county = h.county);
