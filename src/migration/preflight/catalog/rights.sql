SELECT json_build_object(
  'closed_schemas', coalesce((SELECT json_agg(nspname) FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND NOT has_schema_privilege(oid, 'CREATE')), '[]'),
  'refuses_schemas', NOT has_database_privilege(current_database(), 'CREATE'),
  'guarded_extensions', coalesce((SELECT json_agg(e.name) FROM pg_available_extensions e
      JOIN pg_available_extension_versions v ON v.name = e.name AND v.version = e.default_version
      WHERE v.superuser AND NOT (v.trusted AND has_database_privilege(current_database(), 'CREATE'))
        AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)), '[]'),
  'guarded_types', coalesce((SELECT json_agg(DISTINCT t.typname) FROM pg_type t WHERE t.oid >= 16384 AND t.typelem = 0
      AND t.typtype IN ('e', 'd', 'r') AND NOT has_type_privilege(t.oid, 'USAGE')), '[]'),
  'foreign_types', coalesce((SELECT json_agg(DISTINCT typname) FROM pg_type
      WHERE oid >= 16384 AND typelem = 0 AND typtype IN ('e', 'd', 'r', 'c') AND NOT pg_has_role(typowner, 'USAGE')), '[]'),
  'foreign_functions', coalesce((SELECT json_agg(DISTINCT proname) FROM pg_proc
      WHERE oid >= 16384 AND NOT pg_has_role(proowner, 'USAGE')), '[]'),
  'mixed', coalesce((SELECT json_agg(DISTINCT name) FROM (
      SELECT typname AS name, pg_has_role(typowner, 'USAGE') AS own FROM pg_type
        WHERE oid >= 16384 AND typelem = 0 AND typtype IN ('e', 'd', 'r', 'c')
      UNION ALL SELECT proname, pg_has_role(proowner, 'USAGE') FROM pg_proc WHERE oid >= 16384) owned
      GROUP BY name HAVING bool_or(own) AND NOT bool_and(own)), '[]'),
  'closed_functions', coalesce((SELECT json_agg(closed.proname) FROM (SELECT proname FROM pg_proc GROUP BY proname
      HAVING bool_and(NOT has_function_privilege(oid, 'EXECUTE'))) closed), '[]'),
  'guarded_settings', coalesce((SELECT json_agg(name) FROM pg_settings
      WHERE context = 'superuser' AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)), '[]'),
  'lacking', coalesce((SELECT json_agg(json_build_array(n.nspname, c.relname, wanted))
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) wanted
      WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT CASE WHEN wanted IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') THEN has_any_column_privilege(c.oid, wanted)
          ELSE has_table_privilege(c.oid, wanted) END), '[]')
)::text
