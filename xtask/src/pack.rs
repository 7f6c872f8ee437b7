//! Packs the built app: the same program, in the form that compresses best.
//!
//! Three things that no pass of `wasm-opt` does: the names that `wasm-bindgen` gives its imports (each ends in a hash of 16
//! digits, in the app and in its glue) become short, what only words a panic goes, and functions that are alike stand side by side. Then esbuild takes
//! comments and long names out of the scripts, and the sheets of all parts become one.

mod names;
mod order;
mod panics;
mod sheets;

use std::{
    convert::Infallible,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use wasm_encoder::{
    CodeSection, Function, FunctionSection, ImportSection, Module,
    reencode::{Error, Reencode},
};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, FunctionBody, FunctionSectionReader,
    ImportSectionReader,
};

use self::names::ShortNames;
use crate::{
    process::{command, run_to_end},
    tools,
};

/// Packs the one `*_bg.wasm` in `dist`, as Trunk left it, the glue beside it, scripts and sheets.
pub(crate) fn pack(dist: &Path) -> Result<()> {
    pack_app(dist)?;
    minify_scripts(dist)?;
    sheets::join(dist)
}

fn pack_app(dist: &Path) -> Result<()> {
    let wasm = one_of(&files(dist, "_bg.wasm")?)?;
    let glue = glue_of(&wasm);
    let app = fs::read(&wasm).with_context(|| format!("failed to read {}", wasm.display()))?;
    let script =
        fs::read_to_string(&glue).with_context(|| format!("failed to read {}", glue.display()))?;

    let mut packer = Packer::of(&app)?;
    let script = packer.names.in_script(&script)?;
    let mut packed = Module::new();
    packer
        .parse_core_module(&mut packed, wasmparser::Parser::new(0), &app)
        .with_context(|| format!("failed to write {} anew", wasm.display()))?;

    fs::write(&wasm, packed.finish())
        .with_context(|| format!("failed to write {}", wasm.display()))?;
    fs::write(&glue, script).with_context(|| format!("failed to write {}", glue.display()))
}

fn minify_scripts(dist: &Path) -> Result<()> {
    run_to_end(
        command("esbuild")
            .env("PATH", tools::path()?)
            .args(files(dist, ".js")?)
            .args([
                "--minify",
                "--target=es2022",
                "--allow-overwrite",
                "--log-level=warning",
            ])
            .arg(format!("--outdir={}", dist.display())),
        "minify the scripts with esbuild",
    )
}

fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("failed to read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    Ok(found)
}

fn one_of(apps: &[PathBuf]) -> Result<PathBuf> {
    match apps {
        [app] => Ok(app.clone()),
        _ => bail!("there are {} apps instead of one: {apps:?}", apps.len()),
    }
}

fn glue_of(wasm: &Path) -> PathBuf {
    let name = wasm.file_name().unwrap_or_default().to_string_lossy();
    wasm.with_file_name(name.replace("_bg.wasm", ".js"))
}

/// Writes a module anew with other names for its imports and another order of its functions.
struct Packer {
    names: ShortNames,
    n_imported: u32,
    /// The functions of the module, in their new order.
    order: Vec<u32>,
    /// Where each of them goes.
    places: Vec<u32>,
    /// Those of which only the end is left.
    cut: Vec<u32>,
}

impl Packer {
    fn of(app: &[u8]) -> Result<Self> {
        let mut names = ShortNames::default();
        let mut bodies = Vec::new();
        for payload in wasmparser::Parser::new(0).parse_all(app) {
            match payload.context("failed to read the app")? {
                wasmparser::Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.context("failed to read an import")?;
                        ensure!(
                            matches!(import.ty, wasmparser::TypeRef::Func(_)),
                            "the app imports {}, which is no function",
                            import.name
                        );
                        names.add(import.module, import.name);
                    }
                }
                wasmparser::Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
                _ => {}
            }
        }
        let cut: Vec<u32> = panics::wordy(app)?
            .into_iter()
            .filter_map(|function| function.checked_sub(names.n_imports()))
            .collect();
        for function in &cut {
            bodies[*function as usize] = &[];
        }
        let order = order::alike_side_by_side(&bodies);
        let mut places = vec![0; order.len()];
        for (place, function) in (0u32..).zip(&order) {
            places[*function as usize] = place;
        }
        Ok(Packer {
            n_imported: names.n_imports(),
            names,
            order,
            places,
            cut,
        })
    }
}

impl Reencode for Packer {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(match function.checked_sub(self.n_imported) {
            None => function,
            Some(defined) => self.n_imported + self.places[defined as usize],
        })
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for import in section.into_imports() {
            let import = import?;
            let ty = self.entity_type(import.ty)?;
            let (module, name) = self.names.of(import.module, import.name);
            imports.import(module, name, ty);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for function in &self.order {
            functions.function(types[*function as usize]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let bodies = section
            .into_iter()
            .collect::<Result<Vec<FunctionBody<'_>>, _>>()?;
        for function in self.order.clone() {
            if self.cut.contains(&function) {
                let mut trap = Function::new([]);
                trap.instructions().unreachable().end();
                code.function(&trap);
            } else {
                self.parse_function_body(code, bodies[function as usize].clone())?;
            }
        }
        Ok(())
    }

    /// Names of functions are for who packs, and not for who loads.
    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: CustomSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use wasm_encoder::{
        CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
        ImportSection, Module, TypeSection, ValType,
    };
    use wasmparser::{Operator, Parser, Payload};

    use super::pack_app;

    /// Imports one function; three of its own, of which the first calls the last, and the last, the longest, is exported.
    fn app() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("./app_bg.js", "__wbg_now_1", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        let mut add = |ty, fill: &dyn Fn(&mut wasm_encoder::InstructionSink<'_>)| {
            functions.function(ty);
            let mut function = Function::new([]);
            fill(&mut function.instructions());
            code.function(&function);
        };
        add(1, &|body| {
            body.call(3).end();
        });
        add(0, &|body| {
            body.call(0).end();
        });
        add(1, &|body| {
            body.call(0).call(2).i32_const(4182).end();
        });
        let mut exports = ExportSection::new();
        exports.export("ids", ExportKind::Func, 3);
        let mut app = Module::new();
        app.section(&types)
            .section(&imports)
            .section(&functions)
            .section(&exports)
            .section(&code);
        app.finish()
    }

    /// What the exported function is made of, with the calls that it makes followed by one step.
    fn exported(app: &[u8]) -> Vec<String> {
        let mut bodies = Vec::new();
        let mut export = 0;
        for payload in Parser::new(0).parse_all(app) {
            match payload.unwrap() {
                Payload::ExportSection(section) => {
                    export = section.into_iter().next().unwrap().unwrap().index;
                }
                Payload::CodeSectionEntry(body) => {
                    let operators = body.get_operators_reader().unwrap();
                    bodies.push(
                        operators
                            .into_iter()
                            .map(Result::unwrap)
                            .collect::<Vec<_>>(),
                    );
                }
                _ => {}
            }
        }
        let mut said = Vec::new();
        for operator in &bodies[export as usize - 1] {
            match operator {
                Operator::Call { function_index: 0 } => said.push("the import".to_owned()),
                Operator::Call { function_index } => {
                    said.push(format!(
                        "a call of {} steps",
                        bodies[*function_index as usize - 1].len()
                    ));
                }
                other => said.push(format!("{other:?}")),
            }
        }
        said
    }

    #[test]
    fn a_packed_app_does_the_same_under_short_names() {
        let dist = tempfile::tempdir().unwrap();
        let (wasm, glue) = (
            dist.path().join("app-1_bg.wasm"),
            dist.path().join("app-1.js"),
        );
        fs::write(&wasm, app()).unwrap();
        fs::write(&glue, "const import0 = {\n __wbg_now_1: function() {},\n};\nreturn { \"./app_bg.js\": import0 };").unwrap();
        pack_app(dist.path()).unwrap();

        let packed = fs::read(&wasm).unwrap();
        wasmparser::validate(&packed).unwrap();
        assert_ne!(packed, app());
        assert_eq!(exported(&packed), exported(&app()));
        assert_eq!(
            fs::read_to_string(&glue).unwrap(),
            "const import0 = {\n a: function() {},\n};\nreturn { a: import0 };"
        );
    }

    #[test]
    fn a_folder_without_an_app_is_an_error() {
        let empty = tempfile::tempdir().unwrap();
        assert!(pack_app(empty.path()).is_err());
    }
}
