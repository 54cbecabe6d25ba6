-- Foreign keys are checked as they were: nothing changes.
SELECT 1;
