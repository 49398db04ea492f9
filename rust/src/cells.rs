//! One column of a Parquet row group as cells: read a few hundred rows at a time, strings without a copy.

use parquet::basic::{ConvertedType, LogicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::record::Field;
use parquet::schema::types::ColumnDescPtr;

pub enum Cell {
    Null,
    Text(ByteArray),
    /// Not said to be text.
    Bytes(ByteArray),
    /// Dates, decimals and the like, written out.
    Other(String),
    Integer(i64),
    Unsigned(u64),
    Real(f64),
    Truth(bool),
}

pub trait Cells {
    /// Reads the next `rows` rows; an error when the column has fewer.
    fn fill(&mut self, rows: usize) -> Result<()>;
    /// The next of the rows read.
    fn next(&mut self) -> Result<Cell>;
}

type Convert<T> = fn(&ColumnDescPtr, &T) -> Result<Cell>;

struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    column: ColumnDescPtr,
    convert: Convert<T::T>,
    levels: Vec<i16>,
    values: Vec<T::T>,
    row: usize,
    value: usize,
}

impl<T: DataType> Cells for Typed<T> {
    fn fill(&mut self, rows: usize) -> Result<()> {
        self.levels.clear();
        self.values.clear();
        (self.row, self.value) = (0, 0);
        let nullable = self.column.max_def_level() > 0;
        let mut have = 0;
        while have < rows {
            let levels = nullable.then_some(&mut self.levels);
            let (records, _, _) = self.reader.read_records(rows - have, levels, None, &mut self.values)?;
            if records == 0 {
                return Err(ParquetError::General(format!("column '{}' has fewer rows than its row group", self.column.path())));
            }
            have += records;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Cell> {
        let most = self.column.max_def_level();
        let present = most == 0 || self.levels.get(self.row) == Some(&most);
        self.row += 1;
        if !present {
            return Ok(Cell::Null);
        }
        self.value += 1;
        match self.values.get(self.value - 1) {
            Some(value) => (self.convert)(&self.column, value),
            None => Err(ParquetError::General(format!("column '{}' has fewer values than it says", self.column.path()))),
        }
    }
}

fn typed<T: DataType>(reader: ColumnReaderImpl<T>, column: ColumnDescPtr, convert: Convert<T::T>) -> Box<dyn Cells>
where
    ColumnReaderImpl<T>: 'static,
{
    Box::new(Typed { reader, column, convert, levels: Vec::new(), values: Vec::new(), row: 0, value: 0 })
}

/// Is it said to be a string? Plain byte arrays may be one too: whoever reads them looks at their values.
fn is_string(column: &ColumnDescPtr) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::String | LogicalType::Json | LogicalType::Enum))
        || matches!(column.converted_type(), ConvertedType::UTF8 | ConvertedType::JSON | ConvertedType::ENUM)
}

/// The double that is written as this float is.
fn widened(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

fn from_field(field: Field) -> Cell {
    match field {
        Field::Bool(v) => Cell::Truth(v),
        Field::Byte(v) => Cell::Integer(v.into()),
        Field::Short(v) => Cell::Integer(v.into()),
        Field::Int(v) => Cell::Integer(v.into()),
        Field::Long(v) => Cell::Integer(v),
        Field::UByte(v) => Cell::Unsigned(v.into()),
        Field::UShort(v) => Cell::Unsigned(v.into()),
        Field::UInt(v) => Cell::Unsigned(v.into()),
        Field::ULong(v) => Cell::Unsigned(v),
        Field::Float16(v) => Cell::Real(widened(v.to_f32())),
        Field::Float(v) => Cell::Real(widened(v)),
        Field::Double(v) => Cell::Real(v),
        Field::Str(v) => Cell::Text(ByteArray::from(v.into_bytes())),
        Field::Bytes(v) => Cell::Bytes(v),
        Field::Null | Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => Cell::Null,
        other => Cell::Other(other.to_string()),
    }
}

fn from_bytes(column: &ColumnDescPtr, value: &ByteArray) -> Result<Cell> {
    if is_string(column) {
        return Ok(Cell::Text(value.clone()));
    }
    Ok(from_field(Field::convert_byte_array(column, value.clone())?))
}

pub fn cells(reader: ColumnReader, column: ColumnDescPtr) -> Box<dyn Cells> {
    match reader {
        ColumnReader::BoolColumnReader(r) => typed(r, column, |_, v| Ok(Cell::Truth(*v))),
        ColumnReader::Int32ColumnReader(r) => typed(r, column, |c, v| Ok(from_field(Field::convert_int32(c, *v)))),
        ColumnReader::Int64ColumnReader(r) => typed(r, column, |c, v| Ok(from_field(Field::convert_int64(c, *v)))),
        ColumnReader::Int96ColumnReader(r) => typed(r, column, |c, v| Ok(from_field(Field::convert_int96(c, *v)))),
        ColumnReader::FloatColumnReader(r) => typed(r, column, |_, v| Ok(Cell::Real(widened(*v)))),
        ColumnReader::DoubleColumnReader(r) => typed(r, column, |_, v| Ok(Cell::Real(*v))),
        ColumnReader::ByteArrayColumnReader(r) => typed(r, column, from_bytes),
        ColumnReader::FixedLenByteArrayColumnReader(r) => typed(r, column, |c, v| from_bytes(c, v)),
    }
}
