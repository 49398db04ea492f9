//! C ABI over the `parquet` crate; see include/lacuna_parquet.h for the contract.

use crate::boundary::{guard, put, Failure, Status, Str};
use crate::cells::{cells, Cell, Cells};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;

const BATCH: usize = 256;

pub struct ParquetFile {
    reader: SerializedFileReader<File>,
    /// Leaves that are one value a row, at most one level deep.
    columns: Vec<usize>,
    names: Vec<String>,
    group: Vec<Box<dyn Cells>>,
    left: usize,
    ready: usize,
    row: Vec<Cell>,
    values: Vec<Value>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Value {
    kind: i32,
    integer: i64,
    real: f64,
    text: Str,
}

impl From<&Cell> for Value {
    fn from(cell: &Cell) -> Self {
        let nothing = Value { kind: 0, integer: 0, real: 0.0, text: Str::from("") };
        match cell {
            Cell::Null => nothing,
            Cell::Text(bytes) => Value { kind: 1, text: Str::from(bytes.data()), ..nothing },
            Cell::Other(text) => Value { kind: 2, text: Str::from(text.as_str()), ..nothing },
            Cell::Integer(v) => Value { kind: 3, integer: *v, ..nothing },
            Cell::Unsigned(v) => Value { kind: 4, integer: *v as i64, ..nothing },
            Cell::Real(v) => Value { kind: 5, real: *v, ..nothing },
            Cell::Truth(v) => Value { kind: 6, integer: i64::from(*v), ..nothing },
            Cell::Bytes(bytes) => Value { kind: 7, text: Str::from(bytes.data()), ..nothing },
        }
    }
}

fn damaged(error: ParquetError) -> Failure {
    Failure::new(Status::Decode, error)
}

fn file<'a>(file: *mut ParquetFile) -> Result<&'a mut ParquetFile, Failure> {
    unsafe { file.as_mut() }.ok_or_else(|| Failure::argument("null file"))
}

impl ParquetFile {
    fn open(path: &[u8]) -> Result<Self, Failure> {
        let file = File::open(OsStr::from_bytes(path)).map_err(|e| Failure::new(Status::Io, e))?;
        let reader = SerializedFileReader::new(file).map_err(|e| Failure::new(Status::Parse, e))?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let scalar = |&i: &usize| schema.column(i).max_rep_level() == 0 && schema.column(i).path().parts().len() <= 2;
        let columns: Vec<usize> = (0..schema.num_columns()).filter(scalar).collect();
        let names = columns.iter().map(|&i| schema.column(i).path().parts().join(".")).collect();
        Ok(ParquetFile { reader, columns, names, group: Vec::new(), left: 0, ready: 0, row: Vec::new(), values: Vec::new() })
    }

    fn rows(&self, group: usize) -> usize {
        self.reader.metadata().row_group(group).num_rows().max(0) as usize
    }

    fn cells(&self, group: &dyn RowGroupReader, column: usize) -> Result<Box<dyn Cells>, ParquetError> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        Ok(cells(group.get_column_reader(column)?, schema.column(column)))
    }

    /// Reads the heads of a column's pages: what they claim to hold is believed by the decoders.
    fn check_heads(&self, group: &dyn RowGroupReader, column: usize) -> Result<(), ParquetError> {
        let mut pages = group.get_column_page_reader(column)?;
        let mut left = group.metadata().column(column).num_values().max(0) as usize;
        while let Some(page) = pages.peek_next_page()? {
            let levels = page.num_levels.unwrap_or(0);
            if levels > left {
                return Err(ParquetError::General("a page claims more values than its column has".to_string()));
            }
            left -= levels;
            pages.skip_next_page()?;
        }
        Ok(())
    }

    /// Decodes every row once, all columns side by side, so that one that ends early ends it: a row group is delivered whole or not at all.
    fn check(&self, group: &dyn RowGroupReader, rows: usize) -> Result<(), ParquetError> {
        self.columns.iter().try_for_each(|&column| self.check_heads(group, column))?;
        let columns: Result<Vec<_>, _> = self.columns.iter().map(|&column| self.cells(group, column)).collect();
        let mut columns = columns?;
        for start in (0..rows).step_by(BATCH) {
            let batch = BATCH.min(rows - start);
            for cells in &mut columns {
                cells.fill(batch)?;
                for _ in 0..batch {
                    cells.next()?;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, index: usize) -> Result<(), Failure> {
        self.left = 0;
        self.ready = 0;
        self.group.clear();
        let group = self.reader.get_row_group(index).map_err(damaged)?;
        let rows = self.rows(index);
        self.check(group.as_ref(), rows).map_err(damaged)?;
        for &column in &self.columns {
            let column = self.cells(group.as_ref(), column).map_err(damaged)?;
            self.group.push(column);
        }
        self.left = rows;
        Ok(())
    }

    fn next(&mut self) -> Result<bool, Failure> {
        if self.left == 0 {
            return Ok(false);
        }
        if self.ready == 0 {
            self.ready = self.left.min(BATCH);
            for column in &mut self.group {
                column.fill(self.ready).map_err(damaged)?;
            }
        }
        self.row.clear();
        for column in &mut self.group {
            self.row.push(column.next().map_err(damaged)?);
        }
        self.values.clear();
        self.values.extend(self.row.iter().map(Value::from));
        self.left -= 1;
        self.ready -= 1;
        Ok(true)
    }
}

#[no_mangle]
pub extern "C" fn lcp_open(path: Str, out: *mut *mut ParquetFile) -> Status {
    guard(|| put(out, Box::into_raw(Box::new(ParquetFile::open(path.bytes()?)?))))
}

#[no_mangle]
pub extern "C" fn lcp_close(parquet: *mut ParquetFile) {
    if !parquet.is_null() {
        guard(|| {
            drop(unsafe { Box::from_raw(parquet) });
            Ok(())
        });
    }
}

#[no_mangle]
pub extern "C" fn lcp_columns(parquet: *mut ParquetFile, out: *mut usize) -> Status {
    guard(|| put(out, file(parquet)?.names.len()))
}

#[no_mangle]
pub extern "C" fn lcp_column_name(parquet: *mut ParquetFile, column: usize, out: *mut Str) -> Status {
    guard(|| {
        let name = file(parquet)?.names.get(column).ok_or_else(|| Failure::argument("no such column"))?;
        put(out, Str::from(name.as_str()))
    })
}

#[no_mangle]
pub extern "C" fn lcp_groups(parquet: *mut ParquetFile, out: *mut usize) -> Status {
    guard(|| put(out, file(parquet)?.reader.metadata().num_row_groups()))
}

#[no_mangle]
pub extern "C" fn lcp_begin_group(parquet: *mut ParquetFile, group: usize, rows: *mut usize) -> Status {
    guard(|| {
        let parquet = file(parquet)?;
        if group >= parquet.reader.metadata().num_row_groups() {
            return Err(Failure::argument("no such row group"));
        }
        put(rows, parquet.rows(group))?;
        parquet.begin(group)
    })
}

#[no_mangle]
pub extern "C" fn lcp_next(parquet: *mut ParquetFile, values: *mut *const Value, more: *mut i32) -> Status {
    guard(|| {
        let parquet = file(parquet)?;
        let any = parquet.next()?;
        put(values, parquet.values.as_ptr())?;
        put(more, i32::from(any))
    })
}
